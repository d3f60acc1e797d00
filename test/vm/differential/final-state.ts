import type { GuestCommand } from '../ipvsadm/guest-command.ts';

/** Everything that lists the table. The order of --nosort is the kernel's, and differs between namespaces. */
export const FINAL_LISTS: readonly GuestCommand[] = [
  ['-S', '-n'],
  ['-S'],
  ['-L', '-n'],
  ['-L'],
  ['-L', '-n', '--stats'],
  ['-L', '-n', '--stats', '--exact'],
  ['-L', '-n', '--rate'],
  ['-L', '-n', '--thresholds'],
  ['-L', '-n', '--persistent-conn'],
  ['-L', '-n', '--tun-info'],
  ['-L', '--timeout'],
  ['-L', '--daemon'],
  ['-L', '-n', '-c'],
].map((args) => ({ args }));

export const UNSORTED_LISTS: readonly GuestCommand[] = [
  ['-L', '-n', '--nosort'],
  ['-L', '-n', '--nosort', '--thresholds'],
].map((args) => ({ args }));

/** /proc/net/ip_vs with its services in alphabetical order, instead of that of the kernel's hash. */
export function sortedServices(file: string): string {
  const lines = file.split('\n');
  const services = lines
    .slice(3)
    .join('\n')
    .split(/\n(?! )/);
  return [...lines.slice(0, 3), ...services.sort()].join('\n');
}
