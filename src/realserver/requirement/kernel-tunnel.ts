import type { Family } from '../../model/address.ts';
import { moduleOf } from '../change/link-change.ts';
import { familiesOf, ownAddresses } from '../host-view.ts';
import type { Requirement, Situation } from './requirement.ts';
import { reversePathRequirement } from './reverse-path.ts';

/** A device of the kernel's that takes every tunnel of its form. */
interface KernelDevice {
  readonly name: string;
  readonly kind: string;
  readonly module: string;
}

/** IPv4 or IPv6 in IPv4 (ipip.c, sit.c), anything in IPv6 (ip6_tunnel.c), and GRE in either (ip_gre.c, ip6_gre.c). */
const IPIP: Readonly<Record<Family, Readonly<Record<Family, readonly [string, string]>>>> = {
  inet: { inet: ['tunl0', 'ipip'], inet6: ['sit0', 'sit'] },
  inet6: { inet: ['ip6tnl0', 'ip6tnl'], inet6: ['ip6tnl0', 'ip6tnl'] },
};
const GRE: Readonly<Record<Family, readonly [string, string]>> = {
  inet: ['gre0', 'gre'],
  inet6: ['ip6gre0', 'ip6gre'],
};

/** Those that the settings need, for the families of the host's own addresses. */
export function kernelDevices({ settings, view }: Situation): readonly KernelDevice[] {
  const outer = familiesOf(ownAddresses(view, new Set<string>(settings.virtualAddresses)));
  const inner = familiesOf(settings.virtualAddresses);
  const pairs = [...outer].flatMap((family) =>
    settings.tunnels.flatMap(({ kind }) =>
      // GUE hands what it carries to the handlers of IPIP.
      kind === 'gre' ? [GRE[family]] : [...inner].map((carried) => IPIP[family][carried]),
    ),
  );
  return [...new Map(pairs).entries()].map(([name, kind]) => ({ name, kind, module: moduleOf(kind) }));
}

/** The devices are there and up, strict reverse path filters do not drop what comes out of them, GUE has its port. */
export async function kernelTunnelRequirements(situation: Situation): Promise<readonly Requirement[]> {
  const { settings } = situation;
  const inet = familiesOf(settings.virtualAddresses).has('inet');
  const devices = kernelDevices(situation);
  const found: Requirement[] = devices.map((device) => deviceRequirement(situation, device));
  if (devices.length === 0)
    found.push({
      id: 'tunnel_device',
      state: 'wrong',
      text: 'this host has no address that a director could send tunnelled packets to',
      advice: 'Give it one, then run setup again.',
    });
  if (inet)
    for (const { name } of devices.filter(({ kind }) => kind !== 'sit'))
      found.push(reversePathRequirement(situation, name, 'as replies do not leave by it'));
  return [...found, ...(await guePortRequirements(situation))];
}

function deviceRequirement({ view: { links } }: Situation, device: KernelDevice): Requirement {
  const { name, kind, module } = device;
  const link = links.find((each) => each.name === name);
  if (link?.up) return { id: 'tunnel_device', state: 'ok', text: `${name} takes tunnelled packets` };
  const isThere = link !== undefined;
  return {
    id: 'tunnel_device',
    state: 'wrong',
    text: isThere ? `${name} is down` : `the kernel's tunnel device ${name} is missing`,
    advice: `Run \`${isThere ? '' : `modprobe ${module} && `}ip link set ${name} up\`.`,
    changes: [isThere ? { kind: 'link-up', name } : { kind: 'link', name, linkKind: kind }],
  };
}

async function guePortRequirements({ settings, view, host }: Situation): Promise<readonly Requirement[]> {
  const ports = settings.tunnels.flatMap(({ kind, port }) =>
    kind === 'gue' && port !== undefined ? [port] : [],
  );
  if (ports.length === 0) return [];
  const families = familiesOf(ownAddresses(view, new Set<string>(settings.virtualAddresses)));
  const there = await host.guePorts.list();
  return ports.flatMap((port) =>
    [...families].map((family): Requirement => {
      const where = `UDP port ${port} of ${family === 'inet' ? 'IPv4' : 'IPv6'}`;
      if (there.some((each) => each.port === port && each.family === family))
        return { id: 'gue_port', state: 'ok', text: `${where} takes GUE` };
      return {
        id: 'gue_port',
        state: 'wrong',
        text: `${where} does not take GUE`,
        advice: `Run \`ip ${family === 'inet6' ? '-6 ' : ''}fou add port ${port} gue\`.`,
        changes: [{ kind: 'gue-port', port, family }],
      };
    }),
  );
}
