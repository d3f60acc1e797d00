import { mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type IpAddress, parseIpAddress } from '../model/address.ts';
import { ViprError } from '../model/error.ts';
import { type Change, changeSchema, keyOf, tunnelSchema } from './change/change.ts';
import { DECAPSULATIONS, type RealServerSettings } from './real-server-settings.ts';

/** What was asked of this host, and every change that was, or was about to be, made for it. */
export interface RealServerState {
  readonly settings: RealServerSettings;
  /** In the order in which they were made. */
  readonly changes: readonly Change[];
}

/** Changes last as long as the system runs, and belong to one network namespace. */
export interface Identity {
  readonly boot: string;
  readonly network: string;
}

const addressSchema = z.string().transform((text, context): IpAddress => {
  const address = parseIpAddress(text);
  if (address !== undefined) return address;
  context.addIssue('must be an IP address');
  return z.NEVER;
});

const fileSchema = z.object({
  version: z.literal(1),
  boot: z.string(),
  network: z.string(),
  settings: z.object({
    virtualAddresses: z.array(addressSchema).readonly(),
    tunnels: z.array(tunnelSchema).readonly(),
    interfaces: z.array(z.string()).readonly().optional(),
    decapsulation: z.enum(DECAPSULATIONS),
    bpfDirectory: z.string().optional(),
  }),
  changes: z.array(changeSchema).readonly(),
});

/** Where it is remembered what `setup` did. The file is written before a change is made. */
export class StateFile {
  readonly path: string;
  readonly #identity: () => Identity;

  constructor(path: string, identity: () => Identity = identityOfHost) {
    this.path = path;
    this.#identity = identity;
  }

  /**
   * Undefined where nothing was set up, and where the system started anew since, so that nothing of it is left. Throws a ViprError
   * for a file that cannot be read, or is about another network namespace.
   */
  read(): RealServerState | undefined {
    const text = this.#text();
    if (text === undefined) return undefined;
    const { boot, network, settings, changes } = this.#parse(text);
    const here = this.#identity();
    if (boot !== here.boot) return undefined;
    if (network === here.network) return { settings, changes };
    throw new ViprError('USAGE', `${this.path} is about another network namespace.`, {
      hint: 'Run the command there, or name another file for this one with --state; delete the file if that namespace is gone.',
    });
  }

  write({ settings, changes }: RealServerState): void {
    const content = { version: 1, ...this.#identity(), settings, changes };
    const draft = `${this.path}.new`;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o644, flush: true });
      renameSync(draft, this.path);
    } catch (cause) {
      throw this.#failed('written', cause);
    }
  }

  remove(): void {
    try {
      rmSync(this.path, { force: true });
    } catch (cause) {
      throw this.#failed('removed', cause);
    }
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw this.#failed('read', cause);
    }
  }

  #parse(text: string): z.infer<typeof fileSchema> {
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch (cause) {
      const [issue] = cause instanceof z.ZodError ? cause.issues : [];
      const where = issue === undefined ? String(cause) : `${issue.path.join('.')}: ${issue.message}`;
      throw new ViprError('USAGE', `${this.path} is not what vipr writes there: ${where}.`, {
        cause,
        hint: 'Name the right file with --state, or delete it: then nothing of an earlier setup can be undone.',
      });
    }
  }

  #failed(what: string, cause: unknown): ViprError {
    const errno = codeOf(cause);
    const denied = errno === 'EACCES' || errno === 'EPERM';
    const message = `${this.path} cannot be ${what}: ${cause instanceof Error ? cause.message : cause}.`;
    return new ViprError(denied ? 'PERMISSION_DENIED' : 'SYSTEM_CALL_FAILED', message, {
      cause,
      hint: 'Run the command as root, or name a file that this user may write with --state.',
      ...(errno === undefined ? {} : { errno }),
    });
  }
}

/** The state with a change that is about to be made; one of the same thing is replaced by it. */
export function recordChange(state: RealServerState, change: Change): RealServerState {
  const key = keyOf(change);
  const former = state.changes.find((each) => keyOf(each) === key);
  if (former === undefined) return { ...state, changes: [...state.changes, change] };
  const replaced = combine(former, change);
  return { ...state, changes: state.changes.map((each) => (each === former ? replaced : each)) };
}

/** The program stays known on interfaces that the later change does not name: `undo` has to take it off all of them. */
function combine(former: Change, change: Change): Change {
  if (former.kind !== 'decapsulator' || change.kind !== 'decapsulator') return change;
  const others = former.interfaces.filter(({ index }) =>
    change.interfaces.every((each) => each.index !== index),
  );
  return { ...change, interfaces: [...change.interfaces, ...others] };
}

function identityOfHost(): Identity {
  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    network: readlinkSync('/proc/self/ns/net'),
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
