import { type OpenConnections, openConnections } from '../../test/netns/failover/load/open-connections.ts';
import { type Probe, startProbe } from '../../test/netns/failover/load/probe.ts';
import { PORTS, VIRTUAL_ADDRESS } from './configuration.ts';
import type { HaScene } from './ha-scene.ts';
import { Download } from './process/download.ts';

/** Connections that stay open. */
export const OPEN = 500;

/** What the client does: a download, connections that stay open with lines to and fro, and new ones all the time. */
export interface Load {
  readonly download: Download;
  readonly open: OpenConnections;
  readonly probe: Probe;
}

/** Resolves when all of it is there. */
export async function startLoad({ lab, target }: HaScene): Promise<Load> {
  const open = await openConnections(lab.client, { targets: [target], count: OPEN });
  const probe = await startProbe(lab.client, { targets: [target] });
  return { open, probe, download: new Download(lab.client, `http://${VIRTUAL_ADDRESS}:${PORTS.file}/`) };
}
