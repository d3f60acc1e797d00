import { monotonicNow } from '../../../test/netns/failover/load/load.ts';
import { lostOf } from '../../../test/netns/failover/load/open-connections.ts';
import { outageOf } from '../../../test/netns/failover/load/outage.ts';
import { heading, say } from '../../console.ts';
import type { HaScene } from '../ha-scene.ts';
import { type Load, OPEN } from '../load.ts';

const MOST_SECONDS = 3;

/** It boots, and takes over again, but only when it knows all connections. The download comes to its end. */
export async function comeBack({ lvs1, lvs2, file, target, promises }: HaScene, load: Load): Promise<void> {
  heading('lvs1 boots, and is master again as soon as it knows all connections');
  await lvs1.boot();
  const booted = monotonicNow();
  await lvs1.up();
  await lvs1.untilMaster();
  await lvs1.run(String.raw`grep -o '"msg":"[^"]*\(synchronis\|group\)[^"]*"' lvs1.log | tail -n 7`);
  await lvs1.run('vipr vrrp');
  await lvs2.untilSynchronised();
  promises.check(
    'lvs1 is the master again, and lvs2 is not any more',
    (await lvs1.isMaster()) && !(await lvs2.isMaster()),
    'it is otherwise',
  );
  const outage = outageOf(await load.probe.ask(), target.name, booted);
  const seconds = outage.milliseconds / 1000;
  promises.check(
    `the longest time between two new connections was ${seconds.toFixed(2)} s`,
    seconds < MOST_SECONDS,
    `that is more than ${MOST_SECONDS} s`,
  );
  const lost = lostOf(await load.open.ask());
  promises.check(`of ${OPEN} open connections none is lost`, lost === 0, `lost ${lost}`);

  heading('The download ends');
  const sha256 = await load.download.end();
  say(`SHA-256 ${sha256}`);
  promises.check(
    'the download has every byte right, through both failovers',
    sha256 === file.sha256,
    `it should be ${file.sha256}`,
  );
}
