import { after, afterEach, before, describe, it } from 'node:test';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { Duel } from './fixture/duel.ts';
import { keepalivedUnavailable } from './fixture/keepalived.ts';
import { until } from './fixture/until.ts';

/** `part` is the master of higher priority that `npm test` has, too. */
const CASES = [
  { version: 2, family: 'inet', vip: '198.51.100.60', seconds: 1, part: 'vipr' },
  { version: 3, family: 'inet', vip: '198.51.100.61', seconds: 0.2, part: 'keepalived' },
  { version: 3, family: 'inet6', vip: '2001:db8:1::60', seconds: 0.2, part: 'vipr' },
] as const;
type Case = (typeof CASES)[number];

const skip = labUnavailable() ?? keepalivedUnavailable() ?? false;

describe("vipr and Debian's keepalived are routers of one VRRP group", { skip, timeout: 240_000 }, () => {
  let duel: Duel;

  before(async () => {
    duel = await Duel.open();
  });

  after(() => duel.close());

  for (const each of CASES) {
    const { vip, part } = each;
    const title = `version ${each.version}, ${each.family}`;
    const unless = (master: typeof part) => ({ skip: master !== part && onlyInWhole() });

    describe(title, () => {
      afterEach(() => duel.end(vip));

      it('vipr is master of higher priority, and keepalived follows it', unless('vipr'), async () => {
        duel.startKeepalived(keepalivedConf(each, 100));
        await duel.master('keepalived', vip);
        await duel.startVipr(viprYaml(each, 150));
        await duel.master('vipr', vip);
        await duel.stop('vipr');
        await duel.master('keepalived', vip);
      });

      it('keepalived is master of higher priority, and vipr follows it', unless('keepalived'), async () => {
        await duel.startVipr(viprYaml(each, 50));
        await duel.master('vipr', vip);
        duel.startKeepalived(keepalivedConf(each, 100));
        await duel.master('keepalived', vip);
        // Dead as a host is that loses its power: nobody gives up.
        const host = duel.host('keepalived');
        await host.shell('ip link set eth0 down');
        await until(
          async () => (await duel.holders(vip)).startsWith('vipr'),
          () => duel.logs,
        );
        await host.shell('ip link set eth0 up');
        await duel.master('keepalived', vip);
        await duel.stop('keepalived');
        await duel.master('vipr', vip);
      });
    });
  }
});

function viprYaml({ version, vip, seconds }: Case, priority: number): string {
  const password = version === 2 ? '\n      password: secret' : '';
  return `vrrp:
  instances:
    - name: web
      interface: eth0
      id: 60
      version: ${version}
      priority: ${priority}
      interval: ${seconds * 1000}ms${password}
      addresses: ["${vip}"]
`;
}

function keepalivedConf({ version, family, vip, seconds }: Case, priority: number): string {
  const password = 'authentication {\n auth_type PASS\n auth_pass secret\n }';
  return `global_defs {
  vrrp_version ${version}
}
vrrp_instance web {
  state BACKUP
  interface eth0
  virtual_router_id 60
  priority ${priority}
  advert_int ${seconds}
  ${version === 2 ? password : ''}
  virtual_ipaddress {
    ${vip}${family === 'inet' ? '/32' : '/128'}
  }
}
`;
}
