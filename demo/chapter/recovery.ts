import { heading, say } from '../console.ts';
import { describeTally } from '../promises.ts';
import { type Scene, WEIGHTS } from '../scene.ts';
import type { ServerName } from '../stage/stage.ts';
import { until } from '../until.ts';

/** The server comes back, and its weight rises. */
export async function recovery(scene: Scene, name: ServerName): Promise<void> {
  const { stage, shell, client, promises } = scene;
  heading(`${name} comes back: slow start`);
  const destination = `${stage.serverAddress[name]}:${stage.ports.web}`;
  const weight = async (): Promise<number> => {
    const found = (await scene.healthOf(name)).find((each) => each.destination === destination);
    return found?.weight ?? 0;
  };
  await scene.startServer(name);
  const seen: number[] = [];
  const full = WEIGHTS[name];
  for (const least of [1, full / 2, full]) {
    await until(`${name} has a weight of ${least}`, async () => (await weight()) >= least);
    const text = await shell.run(`vipr health | grep -m 1 ' ${destination} '`);
    seen.push(Number(/ weight (\d+)/.exec(text)?.[1]));
  }
  promises.check(
    `its weight rises in 4 s to its ${full}`,
    seen.every((each, index) => each > (seen[index - 1] ?? 0)) && seen.at(-1) === full,
    `it was ${seen.join(', ')}`,
  );
  const http = await client.http(stage.ports.web, 200);
  say(`200 requests: ${describeTally(http)}`);
  promises.checkShares('no request failed, and all three share them again', http, WEIGHTS);
}
