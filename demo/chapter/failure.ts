import { heading, say } from '../console.ts';
import { describeTally } from '../promises.ts';
import { type Scene, WEIGHTS } from '../scene.ts';
import type { ServerName } from '../stage/stage.ts';
import { until } from '../until.ts';

/** A server dies: its checks take it out. */
export async function failure(scene: Scene, name: ServerName): Promise<void> {
  const { stage, shell, client, promises } = scene;
  heading(`${name} dies`);
  await scene.killServer(name);
  const killed = performance.now();
  await until(`${name} is out of all services`, async () =>
    (await scene.healthOf(name)).every(({ state, weight }) => state === 'down' && weight === undefined),
  );
  const seconds = ((performance.now() - killed) / 1000).toFixed(1);
  say(`Its process was killed, and its checks took it out of all three services within ${seconds} s.`);
  await shell.run('vipr health | head -n 7');
  await shell.run(`ipvsadm -Ln -t ${stage.virtualAddress}:${stage.ports.web}`);
  const http = await client.http(stage.ports.web, 200);
  say(`200 requests: ${describeTally(http)}`);
  const dns = await client.dns(30);
  say(`30 questions: ${describeTally(dns)}`);
  const alive = Object.fromEntries(Object.entries(WEIGHTS).filter(([each]) => each !== name));
  promises.checkShares('no request failed, and the two others share them by weight', http, alive);
  const even = Object.fromEntries(Object.keys(alive).map((each) => [each, 1]));
  promises.checkShares('no question failed either', dns, even);
}
