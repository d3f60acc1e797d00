import { readFileSync } from 'node:fs';

/** Of a device of this process's namespace, whose devices /sys shows to what `ip netns exec` runs. */
export function interfaceIndex(device: string): number {
  return Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8'));
}
