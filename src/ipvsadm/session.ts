import type { Engine, EngineInfo } from '../engines/engine.ts';
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

/** A run that has found its engine. */
export interface Session {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly names: Names;
  readonly io: IpvsadmIo;
}
