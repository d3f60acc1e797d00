import { balance } from './chapter/balance.ts';
import { change } from './chapter/change.ts';
import { drain } from './chapter/drain.ts';
import { explain } from './chapter/explain.ts';
import { failure } from './chapter/failure.ts';
import { measure } from './chapter/measure.ts';
import { recovery } from './chapter/recovery.ts';
import type { Scene } from './scene.ts';

/** Everything that happens once the director is up. */
export async function tellStory(scene: Scene): Promise<void> {
  await balance(scene);
  const kept = await explain(scene);
  const victim = kept === 'rs1' ? 'rs2' : 'rs1';
  await failure(scene, victim);
  await recovery(scene, victim);
  await drain(scene, kept);
  await change(scene);
  await measure(scene);
}
