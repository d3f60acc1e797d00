import { readFileSync } from 'node:fs';

const SWITCHES = [
  { family: 'IPv4', sysctl: 'net.ipv4.ip_forward' },
  { family: 'IPv6', sysctl: 'net.ipv6.conf.all.forwarding' },
] as const;

/** What the host does not forward, as sentences for the log: the kernel then tells no routes for packets that pass through. */
export function forwardingWarnings(
  read: (sysctl: string) => string | undefined = readSysctl,
): readonly string[] {
  return SWITCHES.filter(({ sysctl }) => read(sysctl) === '0').map(
    ({ family, sysctl }) =>
      `this host does not forward ${family}, so the kernel tells no way to clients: set ${sysctl}=1`,
  );
}

function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
