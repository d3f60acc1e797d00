import type { SeededRandom } from '../../random/seeded-random.ts';
import type { GuestCommand } from '../ipvsadm/guest-command.ts';

/** Values that are wrong somewhere: bad numbers and addresses, names of nothing, ends of ranges. */
const VALUES = [
  ...[
    '',
    '-1',
    '0',
    '65536',
    '2147483648',
    '4294967295',
    '4294967296',
    '99999999999999999999',
    '1.5',
    '0x10',
    '1e3',
  ],
  ...[' 5', '+5', '5 ', 'abc', 'nosuch', 'averyveryverylongname', '-', '--', '2678401', '256', '129'],
  ...[
    '192.0.2.10',
    '300.1.1.1:80',
    '192.0.2.10:65536',
    '192.0.2.10:-1',
    '192.0.2.10:nosuchport',
    'no.such.host:80',
  ],
  ...['192.0.2:80', '2001:db8::2:80', '[2001:db8::2]', '[2001:db8::2:80', '[::1]:', ':80', '0.0.0.0:80'],
  ...[
    '224.0.0.1:80',
    '255.255.255.255:80',
    '[fe80::1]:80',
    '[ff02::1]:80',
    '[::]:80',
    '10.0.0.99:80',
    '[fd00::99]:80',
  ],
  ...[
    '24',
    '255.255.255',
    'notamask',
    'sip',
    'sh-port',
    'mh-port',
    'flag-4',
    'sh-fallback,',
    'lo',
    'nosuch0',
    '10.0.0.1',
  ],
];

/** Options for where they do not belong. */
const OPTIONS: readonly (readonly string[])[] = [
  ...[
    '-n',
    '-c',
    '-o',
    '-6',
    '-g',
    '-m',
    '-i',
    '-X',
    '-p',
    '--stats',
    '--rate',
    '--thresholds',
    '--persistent-conn',
  ].map((option) => [option]),
  ...[
    '--timeout',
    '--daemon',
    '--sort',
    '--tun-info',
    '--tun-csum',
    '--tun-nocsum',
    '--tun-remcsum',
    '--nosuch',
  ].map((option) => [option]),
  ...['-A', '-D', '-L', '-Z', '-C', '-S', '-d', '--list=', '-q', '--stats=5', 'stray', '-'].map((option) => [
    option,
  ]),
  ['-s', 'rr'],
  ['-w', '3'],
  ['-x', '10'],
  ['-y', '20'],
  ['-M', '255.255.255.0'],
  ['-r', '10.0.0.1:80'],
  ['-t', '192.0.2.10:80'],
  ['-u', '192.0.2.10:53'],
  ['-f', '1'],
  ['--pe', 'sip'],
  ['--pe', 'nosuch'],
  ['-b', 'flag-1'],
  ['--syncid', '5'],
  ['--tun-type', 'gue'],
  ['--tun-port', '5'],
  ['--mcast-interface', 'eth0'],
  ['--mcast-ttl', '0'],
];

type Change = (args: string[], random: SeededRandom) => void;

const CHANGES: readonly Change[] = [
  // a word left out
  (args, random) => args.splice(random.integer(0, args.length - 1), 1),
  // the end left out
  (args, random) => args.splice(random.integer(1, Math.max(1, args.length - 1))),
  // another value
  (args, random) =>
    args.splice(random.integer(Math.min(1, args.length - 1), args.length - 1), 1, random.pick(VALUES)),
  (args, random) =>
    args.splice(random.integer(Math.min(1, args.length - 1), args.length - 1), 1, random.pick(VALUES)),
  // an option more, at the end or before
  (args, random) => args.push(...random.pick(OPTIONS)),
  (args, random) => args.splice(random.integer(0, args.length), 0, ...random.pick(OPTIONS)),
  // an option with a wrong value
  (args, random) => args.push(random.pick(OPTIONS)[0] ?? '', random.pick(VALUES)),
  // a word twice
  (args, random) => args.push(...args.slice(random.integer(0, args.length - 1)).slice(0, 2)),
  // two words exchanged
  (args, random) => {
    const at = random.integer(0, args.length - 1);
    args.push(...args.splice(at, 1));
  },
];

/** The command with something wrong about it, as far as chance has it. */
export function mistaken(command: GuestCommand, random: SeededRandom): GuestCommand {
  const args = [...command.args];
  if (args.length === 0) return { args: [random.pick(VALUES)] };
  do random.pick(CHANGES)(args, random);
  while (args.length > 0 && random.chance(0.2));
  return isKnownDifference(args) ? command : { ...command, args };
}

/** What vipr does otherwise than the original on purpose: help and version. */
function isKnownDifference(args: readonly string[]): boolean {
  return args.some((word) => /^-[a-zA-Z]*[hv]|^--(help|version)/.test(word));
}
