import { heading, say } from '../../console.ts';
import { until } from '../../until.ts';
import { PORTS, VIRTUAL_ADDRESS } from '../configuration.ts';
import type { HaScene } from '../ha-scene.ts';
import { type Load, OPEN, startLoad } from '../load.ts';
import { MEGABYTES_A_SECOND } from '../process/start-file-server.ts';

/** A client has work to do. */
export async function traffic(scene: HaScene): Promise<Load> {
  const { file, lvs1, lvs2, promises } = scene;
  heading(
    `A client downloads ${megabytes(file.bytes)} at ${MEGABYTES_A_SECOND} MB/s, and has ${OPEN} connections open`,
  );
  await lvs1.run(`sha256sum ${file.path.slice(file.path.lastIndexOf('/') + 1)}`);
  const load = await startLoad(scene);
  await load.download.untilBytes(file.bytes / 8);
  say(`${megabytes(load.download.progress.bytes)} are there. Of the download, as each director knows it:`);
  const line = `ipvsadm -Lcn | grep '${VIRTUAL_ADDRESS}:${PORTS.file} '`;
  await lvs1.run(line);
  await until('lvs2 knows the download', async () => (await established(scene)).length > 0);
  await lvs2.run(line);
  const known = await established(scene);
  promises.check(
    'lvs2 knows the connection, and which server it leads to',
    known.length === 1,
    `${known.length} connections`,
  );
  return load;
}

/** The download as lvs2 has it. */
async function established({ lvs2 }: HaScene): Promise<readonly unknown[]> {
  const { connections } = await lvs2.client.connectionPage();
  return connections.filter(
    ({ virtualPort, state }) => virtualPort === PORTS.file && state === 'ESTABLISHED',
  );
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}
