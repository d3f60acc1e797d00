import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RouterKind } from '../../test/netns/failover/peers/router.ts';
import type { Lab } from '../../test/netns/lab/lab.ts';
import type { Program } from '../../test/netns/lab/program.ts';
import { startKeepalived } from '../../test/netns/vrrp/fixture/keepalived.ts';
import { CHECKOUT } from '../../test/project/source-file.ts';

/** As many as there are identifiers for on one link (RFC 9568, section 5.2.3). */
export const INSTANCES = 255;
/** Milliseconds between two advertisements of an instance: the default of vipr. */
export const INTERVAL_MS = 250;

/** Starts a router with all instances on director 1, which is to be master of all, or on 2. */
export function startRouterOfAll(lab: Lab, kind: RouterKind, number: 1 | 2): Program {
  const host = lab.host(`lvs${number}`);
  const priority = number === 1 ? 150 : 100;
  const ids = Array.from({ length: INSTANCES }, (_, index) => index + 1);
  if (kind === 'keepalived') {
    const file = join(lab.directory, `${host.name}.conf`);
    writeFileSync(file, keepalivedConf(ids, priority));
    return startKeepalived(host, lab.directory, file);
  }
  const file = join(lab.directory, `${host.name}.yaml`);
  writeFileSync(file, viprYaml(ids, priority));
  return host.start([join(CHECKOUT, 'bin/vipr'), 'up', '--config', file], {
    environment: { VIPR_SOCKET: join(lab.directory, `${host.name}.sock`) },
  });
}

function addressOf(id: number): string {
  return `10.1.1.${id}/32`;
}

function viprYaml(ids: readonly number[], priority: number): string {
  const instances = ids.map(
    (id) =>
      `    - { name: v${id}, interface: eth0, id: ${id}, priority: ${priority}, interval: ${INTERVAL_MS}ms, addresses: ["${addressOf(id)}"] }\n`,
  );
  return `engine: memory\nvrrp:\n  instances:\n${instances.join('')}`;
}

function keepalivedConf(ids: readonly number[], priority: number): string {
  const instances = ids.map(
    (id) => `vrrp_instance v${id} {
  state BACKUP
  interface eth0
  virtual_router_id ${id}
  priority ${priority}
  advert_int ${INTERVAL_MS / 1000}
  virtual_ipaddress {
    ${addressOf(id)}
  }
}
`,
  );
  return `global_defs {\n  vrrp_version 3\n}\n${instances.join('')}`;
}
