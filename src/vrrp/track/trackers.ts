import { isDeepStrictEqual } from 'node:util';
import type { HealthState } from '../../model/health.ts';
import type { ServiceKey } from '../../model/service.ts';
import type { Tracked, VrrpSettings } from '../../model/vrrp.ts';
import type { VrrpScriptStatus } from '../../model/vrrp-status.ts';
import type { KnownInterface } from '../host/interface-board.ts';
import { FileTracker, type ReadFile } from './file-tracker.ts';
import { type FindProcesses, ProcessTracker } from './process-tracker.ts';
import { ScriptTracker, type ScriptTrackerModules } from './script-tracker.ts';
import type { Finding } from './tracked-claim.ts';

export interface TrackerModules extends ScriptTrackerModules {
  readonly readFile: ReadFile;
  readonly findProcesses: FindProcesses;
  /** Undefined for services that are not watched: they count as up. */
  readonly quorum: (service: ServiceKey) => HealthState | undefined;
  readonly findInterface: (name: string) => KnownInterface | undefined;
}

/** Everything that instances and groups track, each looked at once however many track it. */
export class Trackers {
  readonly #modules: TrackerModules;
  #scripts: ReadonlyMap<string, ScriptTracker> = new Map();
  #files: ReadonlyMap<string, FileTracker> = new Map();
  #processes: ProcessTracker | undefined;

  constructor(modules: TrackerModules) {
    this.#modules = modules;
  }

  /** Looks at what these settings track from now on. What is looked at already goes on. */
  watch({ instances, groups, scripts }: Pick<VrrpSettings, 'instances' | 'groups' | 'scripts'>): void {
    const tracked = [...instances, ...groups].flatMap((each) => each.tracked);
    const names = (kind: 'script' | 'process') =>
      new Set(tracked.flatMap((each) => (each.kind === kind ? [each.name] : [])));
    const used = names('script');
    const wanted = new Map(
      scripts.filter(({ name }) => used.has(name)).map((script) => [script.name, script]),
    );
    this.#scripts = renewed(
      this.#scripts,
      wanted,
      (tracker, script) => isDeepStrictEqual(tracker.script, script),
      (script) => new ScriptTracker(script, this.#modules),
    );
    this.#files = renewed(
      this.#files,
      new Map(tracked.flatMap((each) => (each.kind === 'file' ? [[each.path, each.path]] : []))),
      () => true,
      (path) => new FileTracker(path, this.#modules),
    );
    const programs = names('process');
    if (isDeepStrictEqual(this.#processes?.names ?? new Set(), programs)) return;
    this.#processes?.close();
    this.#processes = programs.size === 0 ? undefined : new ProcessTracker(programs, this.#modules);
  }

  finding(tracked: Tracked): Finding {
    switch (tracked.kind) {
      case 'interface': {
        const found = this.#modules.findInterface(tracked.name);
        return { what: `interface ${tracked.name}`, weight: tracked.weight, isUp: found?.isRunning ?? false };
      }
      case 'script': {
        const tracker = this.#scripts.get(tracked.name);
        const { weight = tracker?.script.weight ?? 0, reverse = false } = tracked;
        return { what: `script ${tracked.name}`, weight, reverse, isUp: tracker?.state === 'up' };
      }
      case 'file': {
        const { path, weight, reverse = false } = tracked;
        return { what: `file ${path}`, weight, reverse, value: this.#files.get(path)?.value ?? 0 };
      }
      case 'process': {
        const { name, weight } = tracked;
        return { what: `process ${name}`, weight, isUp: this.#processes?.isRunning(name) ?? false };
      }
      case 'service': {
        const { service, weight } = tracked;
        return { what: `service ${service}`, weight, isUp: this.#modules.quorum(service) !== 'down' };
      }
      default:
        throw new TypeError(`unknown tracked ${JSON.stringify(tracked satisfies never)}`);
    }
  }

  /** Whether enough is known for an instance that tracks this to begin. */
  isSettled(tracked: Tracked): boolean {
    if (tracked.kind === 'script') return this.#scripts.get(tracked.name)?.isSettled ?? true;
    if (tracked.kind === 'file') return this.#files.get(tracked.path)?.isSettled ?? true;
    if (tracked.kind === 'process') return this.#processes?.isSettled ?? true;
    return true;
  }

  status(): readonly VrrpScriptStatus[] {
    return [...this.#scripts.values()].map(({ script: { name }, state, detail }) => ({
      name,
      state,
      ...(detail !== undefined && { detail }),
    }));
  }

  close(): void {
    this.watch({ instances: [], groups: [], scripts: [] });
  }
}

/** The running ones for what is wanted: those that fit go on, others end, and missing ones begin. */
function renewed<Running extends { close(): void }, Wanted>(
  before: ReadonlyMap<string, Running>,
  wanted: ReadonlyMap<string, Wanted>,
  fits: (running: Running, wanted: Wanted) => boolean,
  begin: (wanted: Wanted) => Running,
): ReadonlyMap<string, Running> {
  const after = new Map<string, Running>();
  for (const [key, running] of before) {
    const want = wanted.get(key);
    if (want !== undefined && fits(running, want)) after.set(key, running);
    else running.close();
  }
  for (const [key, want] of wanted) if (!after.has(key)) after.set(key, begin(want));
  return after;
}
