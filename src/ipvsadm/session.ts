import type { Engine } from '../engines/engine.ts';
import type { Names } from './names.ts';

/** Where a run reads and writes. */
export interface IpvsadmIo {
  /** Called for `-R` only. */
  readonly stdin: () => Promise<string> | AsyncIterable<string>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

export interface IpvsadmModules {
  /** Rejects, as {@link Engine.info} may, with a ViprError where no engine answers. */
  readonly openEngine: () => Promise<Engine>;
  readonly names: Names;
}

/** A run with its engine, which may turn out not to answer at the first request. */
export interface Session {
  readonly engine: Engine;
  readonly names: Names;
  readonly io: IpvsadmIo;
}
