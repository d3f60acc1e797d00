import type { Program } from '../../test/netns/lab/program.ts';
import type { LabOwner } from '../../test/netns/lab/site.ts';

/** Engines that the demonstration runs on. */
export type DemoEngine = 'ebpf' | 'relay';

export function isDemoEngine(text: string): text is DemoEngine {
  return text === 'ebpf' || text === 'relay';
}

/** Who acts on the stage: each is a host where there are namespaces. */
export type Role = 'client' | 'director' | ServerName;
export type ServerName = 'rs1' | 'rs2' | 'rs3';

export const SERVER_NAMES = ['rs1', 'rs2', 'rs3'] as const satisfies readonly ServerName[];

/** Of whom the names of namespaces and directories tell that they are. */
export const OWNER = 'demo' satisfies LabOwner;

/** Where the demonstration takes place: addresses, and how programs are started at them. */
export interface Stage {
  readonly engine: DemoEngine;
  /** What the reader is told of it: sentences. */
  readonly about: string;
  /** For files, gone with the stage; commands run in it. */
  readonly directory: string;
  readonly virtualAddress: string;
  readonly clientAddress: string;
  /** What the client has to bind for that; absent where it has no other address to take. */
  readonly clientBinds?: string;
  readonly serverAddress: Readonly<Record<ServerName, string>>;
  /** Of services and of the servers behind them alike. */
  readonly ports: { readonly web: number; readonly app: number; readonly dns: number };
  /** More lines of vipr.yaml. */
  readonly settings: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** What comes before the words of a program that is to run there. */
  wrapper(role: Role): readonly string[];
  start(role: Role, words: readonly string[], environment?: NodeJS.ProcessEnv): Program;
  /** Ends all that runs, and removes all that was made. */
  close(): Promise<void>;
}
