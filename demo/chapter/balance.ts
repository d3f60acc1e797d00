import { heading, say } from '../console.ts';
import { describeTally } from '../promises.ts';
import { type Scene, WEIGHTS } from '../scene.ts';

/** Traffic, and how it is shared. */
export async function balance({ stage, shell, client, promises }: Scene): Promise<void> {
  heading('Traffic: 400 requests by HTTP, 60 questions by DNS');
  const http = await client.http(stage.ports.web, 400);
  say(`http: ${describeTally(http)}`);
  const dns = await client.dns(60);
  say(`dns:  ${describeTally(dns)}`);
  promises.checkShares(
    'HTTP is shared by weight, 20 : 10 : 10, and every request was answered',
    http,
    WEIGHTS,
  );
  promises.checkShares('DNS is shared evenly (rr), and every question was answered', dns, {
    rs1: 1,
    rs2: 1,
    rs3: 1,
  });
  await shell.run('ipvsadm -Ln');
  await shell.run(`ipvsadm -Ln --stats -t ${stage.virtualAddress}:${stage.ports.web}`);
  await shell.run('ipvsadm -Lnc | head -n 5');
}
