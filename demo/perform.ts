import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../test/netns/lab/program.ts';
import { start } from './chapter/start.ts';
import { say, title } from './console.ts';
import { Scene } from './scene.ts';
import { openStage } from './stage/open-stage.ts';
import type { DemoEngine, Stage } from './stage/stage.ts';
import { tellStory } from './story.ts';
import { summarize } from './summarize.ts';

export interface PerformOptions {
  /** Why it is this engine. */
  readonly reason: string;
  /** Whether everything runs on at the end, until a signal ends this process and all of it. */
  readonly keep: boolean;
}

/** That the director could not be started on an engine. */
export class StartFailure extends Error {}

/** The whole demonstration on one engine. Returns the exit code; throws {@link StartFailure}, with nothing left behind. */
export async function perform(engine: DemoEngine, { reason, keep }: PerformOptions): Promise<number> {
  const started = performance.now();
  const stage = await openStage(engine).catch((error: unknown) => {
    throw new StartFailure(messageOf(error));
  });
  const scene = new Scene(stage);
  try {
    title(`vipr on the engine ${engine}: ${reason}`);
    say(stage.about);
    const up = await begin(scene);
    await tellStory(scene);
    if (!keep) await finish(scene, up);
    const next = "Next: docs/tutorial.md, or 'npm run demo -- --keep' to try things yourself.";
    const code = summarize(scene.promises, started, next);
    if (!keep) return code;
    say(`\nIt runs on. In another terminal: export VIPR_SOCKET=${join(stage.directory, 'vipr.sock')}`);
    const request = ['curl', `http://${stage.virtualAddress}:${stage.ports.web}/`];
    say(
      `and then, for example: bin/vipr health; bin/ipvsadm -Ln; ${[...stage.wrapper('client'), ...request].join(' ')}`,
    );
    say('Ctrl-C here ends and removes all of it.');
    await up.ended;
    return code;
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    say(`\nFAILED: ${messageOf(error)}\n${logOf(stage)}`);
    return 1;
  } finally {
    await scene.close();
    await stage.close();
  }
}

async function begin(scene: Scene): Promise<Program> {
  try {
    return await start(scene);
  } catch (error) {
    throw new StartFailure(`${messageOf(error)}\n${logOf(scene.stage)}`.trim());
  }
}

async function finish({ promises }: Scene, up: Program): Promise<void> {
  const { code } = await up.stop('SIGTERM', 5000);
  promises.check('the director ends when it is told to', code === 0, `exit code ${code}`);
}

/** The last that the director said. */
function logOf({ directory }: Stage): string {
  try {
    return readFileSync(join(directory, 'vipr.log'), 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
