import type { SeededRandom } from '../../random/seeded-random.ts';

/** A service as a command names it, with what decides which options go with it. */
export interface ServiceWords {
  readonly args: readonly string[];
  readonly inet6: boolean;
  readonly udp: boolean;
  /** Whether it needs persistence: no port. */
  readonly anyPort: boolean;
}

export interface ServerWords {
  readonly address: string;
  /** Whether only a tunnel leads to it. */
  readonly mixed: boolean;
}

const SERVICES: readonly ServiceWords[] = [
  { args: ['-t', '192.0.2.10:80'], inet6: false, udp: false, anyPort: false },
  { args: ['-t', '192.0.2.10:http'], inet6: false, udp: false, anyPort: false },
  { args: ['--tcp-service', '192.0.2.10:443'], inet6: false, udp: false, anyPort: false },
  { args: ['--tcp-service=192.0.2.11:8080'], inet6: false, udp: false, anyPort: false },
  { args: ['-u', '192.0.2.10:53'], inet6: false, udp: true, anyPort: false },
  { args: ['--udp-service', '192.0.2.11:domain'], inet6: false, udp: true, anyPort: false },
  { args: ['-t', '192.0.2.12:0'], inet6: false, udp: false, anyPort: true },
  { args: ['-u', '192.0.2.12'], inet6: false, udp: true, anyPort: true },
  { args: ['--sctp-service', '192.0.2.10:2905'], inet6: false, udp: false, anyPort: false },
  { args: ['-f', '1'], inet6: false, udp: true, anyPort: false },
  { args: ['--fwmark-service', '2147483647'], inet6: false, udp: true, anyPort: false },
  { args: ['-f', '1', '-6'], inet6: true, udp: true, anyPort: false },
  { args: ['-f', '300', '--ipv6'], inet6: true, udp: true, anyPort: false },
  { args: ['-t', '[2001:db8::10]:80'], inet6: true, udp: false, anyPort: false },
  { args: ['-t', '[2001:0DB8:0::10]:https'], inet6: true, udp: false, anyPort: false },
  { args: ['-u', '[2001:db8::10]:53'], inet6: true, udp: true, anyPort: false },
  { args: ['-t', '[2001:db8::11]:0'], inet6: true, udp: false, anyPort: true },
  { args: ['--sctp-service', '[2001:db8::10]:2905'], inet6: true, udp: false, anyPort: false },
  { args: ['-t', 'www.example.test:80'], inet6: false, udp: false, anyPort: false },
];

export function randomService(random: SeededRandom): ServiceWords {
  return random.pick(SERVICES);
}

const SCHEDULERS = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'lblcr',
  'dh',
  'sh',
  'sed',
  'nq',
  'fo',
  'ovf',
  'mh',
  'twos',
  'none',
];
/** flag-3 alone is not given to sh and mh: the original saves it as a `-b` without a value, which it cannot read back. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  sh: ['sh-fallback', 'sh-port', 'sh-fallback,sh-port', 'sh-port,sh-fallback', 'flag-1'],
  mh: ['mh-fallback', 'mh-port', 'mh-fallback,mh-port', 'mh-port,flag-3'],
};

/** What may follow a service with -A and -E, in any order. */
export function randomServiceOptions(service: ServiceWords, random: SeededRandom): string[] {
  const options: string[][] = [];
  const scheduler = random.pick(SCHEDULERS);
  if (random.chance(0.85)) {
    options.push([random.pick(['-s', '--scheduler']), scheduler]);
    if (random.chance(0.3)) {
      options.push([
        random.pick(['-b', '--sched-flags']),
        random.pick(FLAGS[scheduler] ?? ['flag-1', 'flag-2', 'flag-3', 'flag-1,flag-3']),
      ]);
    }
  }
  if (service.anyPort || random.chance(0.35)) {
    const persistent = random.pick(['-p', '--persistent']);
    options.push(
      random.chance(0.25) ? [persistent] : [persistent, `${random.pick([1, 60, 300, 3600, 2678400])}`],
    );
    if (random.chance(0.4)) {
      const mask = service.inet6
        ? `${random.integer(1, 128)}`
        : random.pick([
            '255.255.255.0',
            '255.255.0.0',
            '255.0.255.0',
            '0xffffff00',
            '255.255.255.255',
            '0.0.0.0',
          ]);
      options.push([random.pick(['-M', '--netmask']), mask]);
    }
    if (service.udp && random.chance(0.2)) options.push(['--pe', 'sip']);
  }
  if (service.udp && random.chance(0.15)) options.push([random.pick(['-o', '--ops'])]);
  return shuffled(options, random).flat();
}

const INET_SERVERS = [
  '10.0.0.1',
  '10.0.0.2',
  '10.0.0.3',
  '10.0.0.4',
  '127.0.0.1',
  'rs1.example.test',
  '10.1.5',
];
const INET6_SERVERS = ['fd00::11', 'fd00::12', 'fd00:0:0::13', '::1', 'FD00::14'];
const PORTS = [':80', ':8080', ':0', ':https', ':65535', ''];

export function randomServer(service: ServiceWords, random: SeededRandom): ServerWords {
  const mixed = random.chance(0.15);
  if (service.inet6 === mixed) return { address: `${random.pick(INET_SERVERS)}${random.pick(PORTS)}`, mixed };
  return {
    address: `[${random.pick(INET6_SERVERS)}]${random.pick(PORTS.filter((port) => port !== ''))}`,
    mixed,
  };
}

/** What may follow a server with -a and -e, in any order. */
export function randomServerOptions({ mixed }: ServerWords, random: SeededRandom): string[] {
  const options: string[][] = [];
  const method = mixed
    ? random.pick(['-i', '--ipip'])
    : random.pick(['-m', '-g', '-i', '--masquerading', '--gatewaying', '--ipip', '']);
  if (method !== '') options.push([method]);
  if (method === '-i' || method === '--ipip') options.push(...randomTunnel(random));
  if (random.chance(0.6))
    options.push([random.pick(['-w', '--weight']), `${random.pick([0, 1, 2, 5, 100, 65535, 2147483647])}`]);
  if (random.chance(0.25)) {
    const upper = random.integer(0, 70000);
    options.push([random.pick(['-x', '--u-threshold']), `${upper}`]);
    if (random.chance(0.6))
      options.push([random.pick(['-y', '--l-threshold']), `${random.integer(0, upper)}`]);
  }
  return shuffled(options, random).flat();
}

function randomTunnel(random: SeededRandom): string[][] {
  const type = random.pick(['', 'ipip', 'gue', 'gre']);
  if (type === '') return [];
  const checksums = {
    ipip: [''],
    gue: ['', '--tun-nocsum', '--tun-csum', '--tun-remcsum'],
    gre: ['', '--tun-nocsum', '--tun-csum'],
  };
  const checksum = random.pick(checksums[type as keyof typeof checksums]);
  return [
    ['--tun-type', type],
    ...(type === 'gue' ? [['--tun-port', `${random.integer(1, 65535)}`]] : []),
    ...(checksum === '' ? [] : [[checksum]]),
  ];
}

function shuffled<T>(values: readonly T[], random: SeededRandom): T[] {
  const rest = [...values];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(random.integer(0, rest.length - 1), 1));
  return result;
}
