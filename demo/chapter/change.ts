import { heading, say } from '../console.ts';
import { describeTally } from '../promises.ts';
import { type Scene, WEIGHTS } from '../scene.ts';

/** The file changes: what would come of it, and then does. */
export async function change({ stage, shell, client, promises }: Scene): Promise<void> {
  heading('vipr.yaml is changed: rs1 gets the weight of the others');
  await shell.run(`sed -i 's/weight: ${WEIGHTS.rs1}/weight: ${WEIGHTS.rs2}/' vipr.yaml`);
  const planned = await shell.run('vipr plan vipr.yaml', { alsoGood: [2] });
  await shell.run('vipr apply vipr.yaml');
  const again = await shell.run('vipr plan vipr.yaml');
  const http = await client.http(stage.ports.web, 300);
  say(`300 requests: ${describeTally(http)}`);
  promises.check('apply did what plan had shown', planned !== again, again);
  promises.checkShares('the three share HTTP evenly now, and no request failed', http, {
    rs1: 1,
    rs2: 1,
    rs3: 1,
  });
}
