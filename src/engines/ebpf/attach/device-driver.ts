import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * The driver of a device by sysfs; undefined for virtual ones. Sysfs may show another network namespace, so its device must have the
 * same index.
 */
export function deviceDriver(name: string, index: number, sysfs = '/sys/class/net'): string | undefined {
  try {
    if (Number(readFileSync(`${sysfs}/${name}/ifindex`, 'utf8')) !== index) return undefined;
    return basename(readlinkSync(`${sysfs}/${name}/device/driver`));
  } catch {
    return undefined;
  }
}
