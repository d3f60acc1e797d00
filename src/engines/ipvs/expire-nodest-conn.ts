import { readFileSync, writeFileSync } from 'node:fs';
import { ViprError } from '../../model/error.ts';

/** Of this process's network namespace: each has settings of its own. */
const DIRECTORY = '/proc/sys/net/ipv4/vs';

/**
 * Has the kernel end the connections of deleted destinations (net.ipv4.vs.expire_nodest_conn): those of a destination that is deleted from now on
 * at once, since Linux 5.9 (ip_vs_ctl.c, expire_nodest_conn_handler), others with their next packet. True where it was off.
 * Throws PERMISSION_DENIED where it may not be set.
 */
export function expireNodestConn(directory: string = DIRECTORY): boolean {
  const path = `${directory}/expire_nodest_conn`;
  try {
    if (readFileSync(path, 'utf8').trim() !== '0') return false;
    writeFileSync(path, '1');
    return true;
  } catch (cause) {
    throw new ViprError('PERMISSION_DENIED', `${path} cannot be set: ${(cause as Error).message}`, {
      cause,
      hint: 'Set net.ipv4.vs.expire_nodest_conn to 1 yourself, or have the configuration leave connections of failed servers alone.',
    });
  }
}
