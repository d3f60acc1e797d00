import type { ScriptCommand } from '../../model/script-command.ts';
import type { ScriptSecurity } from '../../model/script-security.ts';
import { rootScriptRisk } from './root-script-risk.ts';
import { type RunScriptOptions, runScript, type ScriptEnd } from './run-script.ts';

/** What a guard needs of the rest; what is absent is the system's. */
export interface GuardModules {
  readonly runScript?: typeof runScript;
  readonly riskOf?: (command: ScriptCommand) => Promise<string | undefined>;
}

/** Looks at who may change scripts that run as root. */
export class ScriptGuard {
  readonly #runScript: typeof runScript;
  readonly #riskOf: (command: ScriptCommand) => Promise<string | undefined>;
  #security: ScriptSecurity = 'warn';

  constructor({ runScript: run = runScript, riskOf = rootScriptRisk }: GuardModules = {}) {
    this.#runScript = run;
    this.#riskOf = riskOf;
  }

  /**
   * Has scripts that others can change run, or not, from now on, which counts before the answer comes: a line about each of these
   * commands that is such a script, each program once. Never rejects.
   */
  async watch(security: ScriptSecurity, commands: Iterable<ScriptCommand>): Promise<readonly string[]> {
    this.#security = security;
    const programs = new Map<string, ScriptCommand>();
    for (const command of commands) {
      const key = JSON.stringify([command.argv[0], command.user ?? '']);
      if (!programs.has(key)) programs.set(key, command);
    }
    const found: string[] = [];
    for (const command of programs.values()) {
      const risk = await this.#riskOf(command);
      if (risk === undefined) continue;
      const what = security === 'refuse' ? 'is not run as root' : 'runs as root, and others can change it';
      found.push(
        `script ${command.argv[0]} ${what}: ${risk}; let it and its folders be root's alone, or give it a user`,
      );
    }
    return found;
  }

  /** As {@link runScript}, but for scripts that are refused. */
  readonly run = async (command: ScriptCommand, options: RunScriptOptions): Promise<ScriptEnd> => {
    if (this.#security === 'refuse') {
      const risk = await this.#riskOf(command);
      if (risk !== undefined) return { kind: 'not-started', reason: `${risk}, and it would run as root` };
    }
    return this.#runScript(command, options);
  };
}
