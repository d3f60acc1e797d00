import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNow } from '../../../test/netns/failover/load/load.ts';
import { lostOf } from '../../../test/netns/failover/load/open-connections.ts';
import { outageOf } from '../../../test/netns/failover/load/outage.ts';
import { heading, say } from '../../console.ts';
import type { HaScene } from '../ha-scene.ts';
import { type Load, OPEN } from '../load.ts';
import { megabytes } from './traffic.ts';

/** With the defaults it is below 1; a busy machine may take longer to notice. */
const MOST_SECONDS = 3;

/** The master dies in the middle of the download. */
export async function death({ lvs1, lvs2, target, promises }: HaScene, load: Load): Promise<void> {
  const { bytes } = load.download.progress;
  heading(`lvs1 dies, when ${megabytes(bytes)} are there`);
  say('Its cables are dead, and its process is killed: it says good-bye to nobody.');
  const died = monotonicNow();
  await lvs1.die();
  await lvs2.untilMaster();
  await lvs2.run('vipr vrrp');
  await load.download.untilBytes(load.download.progress.bytes + 5_000_000);
  say(`The download goes on: ${megabytes(load.download.progress.bytes)}.`);
  await sleep(500);
  const outage = outageOf(await load.probe.ask(), target.name, died);
  const seconds = outage.milliseconds / 1000;
  promises.check(
    `new connections worked again after ${seconds.toFixed(2)} s`,
    seconds < MOST_SECONDS,
    `that is more than ${MOST_SECONDS} s`,
  );
  const lost = lostOf(await load.open.ask());
  promises.check(`of ${OPEN} open connections none is lost`, lost === 0, `lost ${lost}`);
}
