import { heading, say } from '../../console.ts';
import { GATEWAY, VIRTUAL_ADDRESS } from '../configuration.ts';
import type { HaScene } from '../ha-scene.ts';

/** Both directors run; the first is the master, and the second knows all connections. */
export async function begin({ lvs1, lvs2, promises }: HaScene): Promise<void> {
  heading('Two directors, which share two addresses by VRRP');
  say(
    `Clients ask ${VIRTUAL_ADDRESS}; the three servers have ${GATEWAY} as their gateway. Whoever is master has both.`,
  );
  await lvs1.run('cat lvs1.yaml', { mostLines: 50 });
  await lvs2.run('diff lvs1.yaml lvs2.yaml', { alsoGood: [1] });
  await lvs1.up();
  await lvs1.untilMaster();
  await lvs2.up();
  await lvs2.untilSynchronised();
  await lvs1.run('vipr vrrp');
  await lvs2.run('vipr sync');
  promises.check(
    'lvs1, of higher priority, is the master, and lvs2 is not',
    (await lvs1.isMaster()) && !(await lvs2.isMaster()),
    'it is otherwise',
  );
}
