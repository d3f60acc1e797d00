import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DecapsulatorContent, DecapsulatorCounters } from '../../src/realserver/decapsulator.ts';
import {
  addressEntries,
  readAddresses,
  readCounters,
  readTunnels,
  replaceEntries,
  tunnelEntries,
} from '../../src/realserver/decapsulator-entries.ts';
import { decapsulatorObject } from '../../src/realserver/decapsulator-object.ts';
import type { BpfMap } from '../../src/system/bpf/bpf-map.ts';
import { BpfObject } from '../../src/system/bpf/bpf-object.ts';
import { testRun } from '../../src/system/bpf/test-run.ts';
import { whyNoBpf } from '../../src/system/bpf/testing/why-no-bpf.ts';
import { build } from '../packet/build.ts';
import { data } from '../packet/data.ts';
import { ethernet } from '../packet/ethernet.ts';
import { gre } from '../packet/gre.ts';
import { gue } from '../packet/gue.ts';
import { ipv4 } from '../packet/ipv4.ts';
import { ipv6 } from '../packet/ipv6.ts';
import type { Layer } from '../packet/layer.ts';
import { tcp } from '../packet/tcp.ts';
import { udp } from '../packet/udp.ts';
import { vlan } from '../packet/vlan.ts';

const VIP = { inet: '192.0.2.10', inet6: '2001:db8::10' };
const OWN = { inet: '10.2.0.11', inet6: 'fd02::11' };
const DIRECTOR = { inet: '10.2.0.1', inet6: 'fd02::1' };
const CLIENT = { inet: '198.51.100.7', inet6: '2001:db8:ffff::7' };
const FAMILIES = ['inet', 'inet6'] as const;
type Family = (typeof FAMILIES)[number];

const CONTENT: Omit<DecapsulatorContent, 'interfaces'> = {
  virtualAddresses: Object.values(VIP).sort(),
  ownAddresses: Object.values(OWN).sort(),
  tunnels: [{ kind: 'ipip' }, { kind: 'gue', port: 6080 }, { kind: 'gre' }],
};

/** What the program returns of packets that go on, TC_ACT_UNSPEC, and of others, TC_ACT_SHOT. */
const PASSED = 0xffffffff;
const DROPPED = 2;

/** The device of test runs has this address: only frames to it are this host's. */
const LINK = ethernet({ destination: '00:00:00:00:00:00' });

const TUNNELS: Readonly<Record<string, { readonly layers: readonly Layer[] }>> = {
  ipip: { layers: [] },
  gue: { layers: [udp({ source: 50_000, destination: 6080 }), gue()] },
  'gue without a checksum': { layers: [udp({ source: 50_000, destination: 6080, checksum: 'none' }), gue()] },
  gre: { layers: [gre()] },
  'gre with a checksum': { layers: [gre({ checksum: 'right' })] },
};

function outer(family: Family, more: { destination?: string; tos?: number } = {}): Layer {
  const { destination = OWN[family], tos = 0 } = more;
  return family === 'inet'
    ? ipv4({ source: DIRECTOR.inet, destination, tos, df: true })
    : ipv6({ source: DIRECTOR.inet6, destination, trafficClass: tos });
}

function inner(family: Family, more: { destination?: string; tos?: number } = {}): Layer[] {
  const { destination = VIP[family], tos = 0 } = more;
  const header =
    family === 'inet'
      ? ipv4({ source: CLIENT.inet, destination, tos, ttl: 61, options: '' })
      : ipv6({ source: CLIENT.inet6, destination, trafficClass: tos, hopLimit: 61 });
  return [header, tcp({ source: 40_000, destination: 80, flags: ['syn'] }), data('some payload')];
}

for (const oldKernel of [false, true])
  describe(`bpf/decapsulate.bpf.c${oldKernel ? ', as before linux 6.3' : ''}`, { skip: whyNoBpf }, () => {
    let object: BpfObject;
    let maps: readonly BpfMap[];

    before(() => {
      object = BpfObject.open(decapsulatorObject(), 'vipr_decap');
      object.setConstants({ without_decap_flags: oldKernel });
      object.load();
      const [addresses, tunnels, counters] = ['addresses', 'tunnels', 'counters'].map((name) =>
        object.map(name).open(),
      );
      assert.ok(addresses && tunnels && counters);
      replaceEntries(addresses, addressEntries(CONTENT));
      replaceEntries(tunnels, tunnelEntries(CONTENT.tunnels));
      assert.deepEqual(readAddresses(addresses), {
        virtualAddresses: CONTENT.virtualAddresses,
        ownAddresses: CONTENT.ownAddresses,
      });
      assert.deepEqual(
        readTunnels(tunnels).sort((one, other) => one.kind.localeCompare(other.kind)),
        CONTENT.tunnels.toSorted((one, other) => one.kind.localeCompare(other.kind)),
      );
      maps = [addresses, tunnels, counters];
    });

    after(() => {
      for (const map of maps) map.close();
      object.close();
    });

    /** What comes out, and what was counted. */
    function run(layers: readonly Layer[]) {
      const [, , counters] = maps;
      assert.ok(counters);
      const start = readCounters(counters);
      const { verdict, data: out } = testRun(object.program('vipr_decapsulate'), { data: build(layers) });
      const now = readCounters(counters);
      const counted = Object.keys(now).filter((key) => {
        return now[key as keyof DecapsulatorCounters] > start[key as keyof DecapsulatorCounters];
      });
      return { verdict, out: Buffer.from(out).toString('hex'), counted };
    }

    function expectTaken(layers: readonly Layer[], expected: readonly Layer[]): void {
      const out = Buffer.from(build([LINK, ...expected])).toString('hex');
      assert.deepEqual(run(layers), { verdict: PASSED, out, counted: ['taken'] });
    }

    function expectUntouched(layers: readonly Layer[], counted: readonly string[] = []): void {
      const out = Buffer.from(build(layers)).toString('hex');
      assert.deepEqual(run(layers), { verdict: PASSED, out, counted });
    }

    for (const around of FAMILIES)
      for (const carried of FAMILIES)
        for (const [name, { layers }] of Object.entries(TUNNELS))
          it(`takes ${carried} in ${name} over ${around}`, () => {
            expectTaken([LINK, outer(around), ...layers, ...inner(carried)], inner(carried));
          });

    it('takes an outer header with options, and a destination option of IPv6', () => {
      const withOptions = ipv4({ source: DIRECTOR.inet, destination: OWN.inet, options: '0101010101010101' });
      expectTaken([LINK, withOptions, ...inner('inet6')], inner('inet6'));
      const limit: Layer = { layer: 'destination-options', body: '040104010100' };
      expectTaken([LINK, outer('inet6'), limit, ...inner('inet')], inner('inet'));
    });

    it('takes GUE of variant 1, whose payload begins at once', () => {
      const header = udp({ source: 1, destination: 6080 });
      for (const family of FAMILIES) {
        const payload = data(build(inner(family)));
        expectTaken([LINK, outer('inet'), header, payload], inner(family));
      }
    });

    it('leaves what is not tunnelled, and tunnels to others', () => {
      expectUntouched([LINK, ...inner('inet')]);
      expectUntouched([LINK, ...inner('inet6')]);
      expectUntouched([LINK, outer('inet', { destination: '10.2.0.12' }), ...inner('inet')]);
      expectUntouched([LINK, outer('inet', { destination: VIP.inet }), ...inner('inet')]);
      expectUntouched([
        LINK,
        outer('inet'),
        udp({ source: 1, destination: 6081 }),
        data(Buffer.from('00040000', 'hex')),
      ]);
      expectUntouched([ethernet(), outer('inet'), ...inner('inet')]);
      expectUntouched([LINK, vlan({ id: 7 }), outer('inet'), ...inner('inet')]);
    });

    it('leaves what is for no virtual address, and counts it', () => {
      expectUntouched([LINK, outer('inet'), ...inner('inet', { destination: '192.0.2.11' })], ['notVirtual']);
      expectUntouched([LINK, outer('inet6'), ...inner('inet', { destination: OWN.inet })], ['notVirtual']);
    });

    it('leaves fragments, and counts them', () => {
      for (const fragment of [{ mf: true }, { fragmentOffset: 8 }]) {
        const header = ipv4({ source: DIRECTOR.inet, destination: OWN.inet, protocol: 4, ...fragment });
        expectUntouched([LINK, header, data(build(inner('inet')))], ['fragments']);
      }
    });

    it('leaves forms that it does not know, and counts them', () => {
      const gueHeader = udp({ source: 1, destination: 6080 });
      for (const layers of [
        [gre({ key: 7 })],
        [gre({ sequence: 7 })],
        [gueHeader, gue({ fields: '0001000000020003', flags: 1 })],
        [gueHeader, gue({ flags: 1 })],
      ])
        expectUntouched([LINK, outer('inet'), ...layers, ...inner('inet')], ['unknownForm']);
      expectUntouched(
        [LINK, outer('inet'), gueHeader, gue({ protocol: 6 }), data(Buffer.alloc(40))],
        ['unknownForm'],
      );
      expectUntouched([LINK, outer('inet'), gre({ type: 0x6558 }), data(Buffer.alloc(40))], ['unknownForm']);
      const mislabelled = ipv4({ source: DIRECTOR.inet, destination: OWN.inet, protocol: 41 });
      expectUntouched([LINK, mislabelled, data(build(inner('inet')))], ['unknownForm']);
      const short = ipv4({ source: DIRECTOR.inet, destination: OWN.inet, protocol: 4 });
      expectUntouched([LINK, short, data(Buffer.from('45000014', 'hex'))], ['unknownForm']);
    });

    it('passes congestion on to the inner packet, and drops it where the flow does not know about it', () => {
      for (const around of FAMILIES)
        for (const carried of FAMILIES) {
          const packet = (tos: number): Layer[] => [
            LINK,
            outer(around, { tos: 3 }),
            ...inner(carried, { tos }),
          ];
          expectTaken(packet(0x2a), inner(carried, { tos: 0x2b }));
          const { verdict, counted } = run(packet(0x28));
          assert.deepEqual([verdict, counted], [DROPPED, ['congested']]);
        }
      expectTaken([LINK, outer('inet', { tos: 1 }), ...inner('inet')], inner('inet'));
    });
  });
