import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from '../../../../src/model/address.ts';
import { CHECKOUT } from '../../../project/source-file.ts';
import { directorAddress } from '../../lab/address.ts';
import type { Host } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Program } from '../../lab/program.ts';
import { startKeepalived } from '../../vrrp/fixture/keepalived.ts';

/** Programs that speak VRRP. */
export type RouterKind = 'vipr' | 'keepalived';

/** How two routers share an address. */
export interface Sharing {
  readonly family: Family;
  readonly cast: 'multicast' | 'unicast';
  readonly version: 2 | 3;
  readonly intervalMs: number;
}

/** The address that they share. */
export const SHARED_ADDRESS = { inet: '10.1.0.50', inet6: 'fd01::50' } as const satisfies Record<
  Family,
  string
>;
const PREFIX = { inet: 32, inet6: 128 } as const satisfies Record<Family, number>;
const ROUTER_ID = 70;

/** Starts a router on director 1 or 2 of the lab; the first has the higher priority. */
export function startRouter(lab: Lab, kind: RouterKind, number: 1 | 2, sharing: Sharing): Program {
  const host = lab.host(`lvs${number}`);
  const ends: Ends = {
    priority: number === 1 ? 150 : 100,
    own: directorAddress(sharing.family, number, 'front'),
    peer: directorAddress(sharing.family, number === 1 ? 2 : 1, 'front'),
  };
  if (kind === 'vipr') return startVipr(lab, host, ends, sharing);
  const file = join(lab.directory, `${host.name}.conf`);
  writeFileSync(file, keepalivedConf(ends, sharing));
  return startKeepalived(host, lab.directory, file);
}

interface Ends {
  readonly priority: number;
  readonly own: string;
  readonly peer: string;
}

function startVipr(lab: Lab, host: Host, { priority, own, peer }: Ends, sharing: Sharing): Program {
  const { family, cast, version, intervalMs } = sharing;
  const file = join(lab.directory, `${host.name}.yaml`);
  const unicast = cast === 'unicast' ? [`      source: "${own}"`, `      unicast-peers: ["${peer}"]`] : [];
  writeFileSync(
    file,
    [
      'engine: memory',
      'vrrp:',
      '  instances:',
      '    - name: shared',
      '      interface: eth0',
      `      id: ${ROUTER_ID}`,
      `      version: ${version}`,
      `      priority: ${priority}`,
      `      interval: ${intervalMs}ms`,
      `      addresses: ["${SHARED_ADDRESS[family]}/${PREFIX[family]}"]`,
      ...unicast,
      '',
    ].join('\n'),
  );
  return host.start([join(CHECKOUT, 'bin/vipr'), 'up', '--config', file], {
    environment: { VIPR_SOURCE: '1', VIPR_SOCKET: join(lab.directory, `${host.name}.sock`) },
  });
}

function keepalivedConf({ priority, own, peer }: Ends, sharing: Sharing): string {
  const { family, cast, version, intervalMs } = sharing;
  const unicast =
    cast === 'unicast' ? [`  unicast_src_ip ${own}`, '  unicast_peer {', `    ${peer}`, '  }'] : [];
  return [
    `global_defs { vrrp_version ${version} }`,
    'vrrp_instance shared {',
    '  state BACKUP',
    '  interface eth0',
    `  virtual_router_id ${ROUTER_ID}`,
    `  priority ${priority}`,
    `  advert_int ${intervalMs / 1000}`,
    ...unicast,
    '  virtual_ipaddress {',
    `    ${SHARED_ADDRESS[family]}/${PREFIX[family]}`,
    '  }',
    '}',
    '',
  ].join('\n');
}
