import { parseArgs } from 'node:util';
import { say } from './console.ts';
import { performHa } from './ha/perform-ha.ts';
import { perform, StartFailure } from './perform.ts';
import { whyNot } from './stage/open-stage.ts';
import { type DemoEngine, isDemoEngine } from './stage/stage.ts';

const USAGE = `npm run demo [-- [ha] [--engine ebpf|relay] [--keep]]

Balances real HTTP and DNS traffic over three real servers, and shows how vipr checks them, explains, drains, changes and measures.
As root, where the kernel can, on the engine ebpf in network namespaces of its own; else on the relay, over loopback, without any
rights. Takes half a minute, and leaves nothing behind.

  ha              failover instead: of two directors the master dies in the middle of a download. Needs root, and the engine ebpf
  --engine NAME   on this engine, and on no other
  --keep          leave everything running at the end, until Ctrl-C
  --help          this text

Exit codes: 0 all that it said was checked and is true; 1 something was not; 2 wrong usage.`;

// Nobody reads on, as after `npm run demo | head`: what runs ends with this process.
process.stdout.once('error', () => process.exit(1));
process.exitCode = await demo();

async function demo(): Promise<number> {
  const values = readWords();
  if (values === undefined || values.help) {
    say(USAGE);
    return values === undefined ? 2 : 0;
  }
  const { isHa, engine, keep = false } = values;
  if (isHa) return performFailover(keep);
  if (engine !== undefined) return performOnly(engine, keep);
  const why = await whyNot('ebpf');
  if (why !== undefined) return perform('relay', { reason: `not ebpf, since ${why}`, keep });
  try {
    return await perform('ebpf', { reason: 'this is root, and the kernel takes its programs', keep });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    say(`\nThe engine ebpf did not start: ${error.message}\n`);
    return perform('relay', { reason: 'ebpf did not start, as told above', keep });
  }
}

async function performOnly(engine: DemoEngine, keep: boolean): Promise<number> {
  const why = await whyNot(engine);
  if (why === undefined) return perform(engine, { reason: 'asked for by --engine', keep });
  say(`The engine ${engine} cannot run here: ${why}`);
  return 1;
}

async function performFailover(keep: boolean): Promise<number> {
  const why = await whyNot('ebpf');
  if (why === undefined) return performHa({ keep });
  say(`The demonstration of failover cannot run here: ${why}`);
  return 1;
}

interface Words {
  readonly isHa: boolean;
  readonly engine?: DemoEngine;
  readonly keep?: boolean;
  readonly help?: boolean;
}

/** Undefined, after saying what is wrong, where the words are. */
function readWords(): Words | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { engine: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    const { engine, ...rest } = values;
    const [story, more] = positionals;
    if (more !== undefined || (story !== undefined && story !== 'ha')) {
      say(`${more ?? story} is no demonstration.\n`);
      return undefined;
    }
    const flags = { ...rest, isHa: story === 'ha' };
    if (engine === undefined) return flags;
    if (flags.isHa && engine !== 'ebpf') {
      say('ha runs on the engine ebpf alone.\n');
      return undefined;
    }
    if (isDemoEngine(engine)) return { engine, ...flags };
    say(`${engine} is no engine of the demonstration.\n`);
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n`);
  }
  return undefined;
}
