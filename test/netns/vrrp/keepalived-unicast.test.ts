import { after, afterEach, before, describe, it } from 'node:test';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { Duel } from './fixture/duel.ts';
import { keepalivedUnavailable } from './fixture/keepalived.ts';
import { until } from './fixture/until.ts';

const CASES = [
  { version: 2, family: 'inet', vip: '198.51.100.62', ours: '10.2.0.11', theirs: '10.2.0.12', seconds: 1 },
  { version: 3, family: 'inet', vip: '198.51.100.63', ours: '10.2.0.11', theirs: '10.2.0.12', seconds: 0.2 },
  { version: 3, family: 'inet6', vip: '2001:db8:1::63', ours: 'fd02::11', theirs: 'fd02::12', seconds: 0.2 },
] as const;
type Case = (typeof CASES)[number];

const skip = labUnavailable() ?? keepalivedUnavailable() ?? false;

describe("vipr and Debian's keepalived are unicast peers", { skip, timeout: 240_000 }, () => {
  let duel: Duel;

  before(async () => {
    duel = await Duel.open();
  });

  after(() => duel.close());

  for (const each of CASES) {
    describe(`version ${each.version}, ${each.family}`, {
      skip: each.family === 'inet' && onlyInWhole(),
    }, () => {
      const { vip } = each;

      afterEach(() => duel.end(vip));

      it('vipr of higher priority takes over, and is followed when it is killed', async () => {
        duel.startKeepalived(keepalivedConf(each, 100));
        await duel.master('keepalived', vip);
        await duel.startVipr(viprYaml(each, 150));
        await duel.master('vipr', vip);
        await duel.kill('vipr');
        await until(
          async () => (await duel.holders(vip)).endsWith('keepalived'),
          () => duel.logs,
        );
        // What it left goes when it begins again, and it takes over again.
        await duel.startVipr(viprYaml(each, 150));
        await duel.master('vipr', vip);
      });

      it('keepalived of higher priority takes over, and is followed when it is killed', async () => {
        await duel.startVipr(viprYaml(each, 50));
        await duel.master('vipr', vip);
        duel.startKeepalived(keepalivedConf(each, 100));
        await duel.master('keepalived', vip);
        await duel.kill('keepalived');
        await until(
          async () => (await duel.holders(vip)).startsWith('vipr'),
          () => duel.logs,
        );
        duel.startKeepalived(keepalivedConf(each, 100));
        await duel.master('keepalived', vip);
      });
    });
  }
});

function viprYaml({ version, vip, seconds, ours, theirs }: Case, priority: number): string {
  return `vrrp:
  instances:
    - name: web
      interface: eth0
      id: 62
      version: ${version}
      priority: ${priority}
      interval: ${seconds * 1000}ms
      source: "${ours}"
      unicast-peers: ["${theirs}"]
      addresses: ["${vip}"]
`;
}

function keepalivedConf({ version, vip, seconds, ours, theirs }: Case, priority: number): string {
  return `global_defs { vrrp_version ${version} }
vrrp_instance web {
  state BACKUP
  interface eth0
  virtual_router_id 62
  priority ${priority}
  advert_int ${seconds}
  unicast_src_ip ${theirs}
  unicast_peer { ${ours} }
  virtual_ipaddress { ${vip} }
}
`.replace(/\{ (.*) \}/g, '{\n$1\n}');
}
