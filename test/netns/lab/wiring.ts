import { type LabOptions, mtuOf } from './lab-options.ts';

export interface Device {
  readonly host: string;
  readonly name: string;
}

/** Two devices that are the ends of one veth pair. */
export interface Link {
  readonly side: 'front' | 'lan';
  readonly ends: readonly [Device, Device];
}

export const SWITCH = 'switch';

/** The hosts of a lab, the switch last. */
export function hostNames({ servers = 3, directors = 1 }: LabOptions): readonly string[] {
  return ['client', ...numbered('lvs', directors), ...numbered('rs', servers), SWITCH];
}

export function linksOf({ servers = 3, directors = 1 }: LabOptions): readonly Link[] {
  const lvs = numbered('lvs', directors);
  const lan = [device('client', 'eth1'), ...lvs.map((host) => device(host, 'eth1'))];
  const front = [device('client', 'eth0'), ...lvs.map((host) => device(host, 'eth0'))];
  const [one, other, more] = front;
  return [
    ...[...lan, ...numbered('rs', servers).map((host) => device(host, 'eth0'))].map(toSwitch('lan')),
    ...(one !== undefined && other !== undefined && more === undefined
      ? [{ side: 'front', ends: [one, other] } as const]
      : front.map(toSwitch('front'))),
  ];
}

/** What `ip -batch` is told to make the namespaces, `namespaceOf` their hosts, with their links, still down. */
export function wiringBatch(options: LabOptions, namespaceOf: (host: string) => string): string {
  const mtu = mtuOf(options);
  return [
    ...hostNames(options).map((host) => `netns add ${namespaceOf(host)}`),
    ...linksOf(options).map(({ side, ends: [one, other] }) => {
      const end = ({ host, name }: Device): string =>
        `name ${name} netns ${namespaceOf(host)} mtu ${mtu[side]}`;
      return `link add ${end(one)} type veth peer ${end(other)}`;
    }),
  ].join('\n');
}

/** `rs1`, `rs2` ... */
function numbered(stem: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${stem}${index + 1}`);
}

function device(host: string, name: string): Device {
  return { host, name };
}

function toSwitch(side: Link['side']): (end: Device) => Link {
  return (end) => ({ side, ends: [end, device(SWITCH, `${side}-${end.host}`)] });
}
