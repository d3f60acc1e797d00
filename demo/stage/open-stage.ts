import { whyNoEbpf } from '../../src/director/why-no-ebpf.ts';
import { plainLabUnavailable } from '../../test/netns/lab/lab-unavailable.ts';
import { openLoopbackStage } from './loopback-stage.ts';
import { openNamespaceStage } from './namespace-stage.ts';
import type { DemoEngine, Stage } from './stage.ts';

/** Why the demonstration cannot run on the engine here; undefined where it can, as far as can be told before. */
export async function whyNot(engine: DemoEngine): Promise<string | undefined> {
  return engine === 'relay' ? undefined : (plainLabUnavailable() ?? (await whyNoEbpf()));
}

export function openStage(engine: DemoEngine): Promise<Stage> {
  switch (engine) {
    case 'ebpf':
      return openNamespaceStage();
    case 'relay':
      return openLoopbackStage();
    default:
      throw new Error(`no stage for ${engine satisfies never}`);
  }
}
