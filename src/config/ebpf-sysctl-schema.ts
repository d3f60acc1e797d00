import { z } from 'zod';
import type { EbpfSysctlName } from './config.ts';
import { field } from './field-doc.ts';
import { parsed } from './parsed.ts';
import { mapping, wholeNumber } from './schema-part.ts';

/** The mapping `sysctl` of the section `ebpf`: settings with the names that they have under net.ipv4.vs. */

/** Datagrams, of src/engines/ebpf/lifecycle/sysctl.ts. */
const DEFAULT_QUEUE = '4,096';
const MOST_PACKETS = 1_000_000;
const USUAL_PERIOD = 50;
const THRESHOLD =
  'two numbers such as "3 50", of which the first is less than the second, or the second is 0';

export const sysctl = mapping({
  am_droprate: field(
    wholeNumber(1, 1_000_000).optional(),
    '1 to 1000000: with `drop_packet: 3` every so many-th packet that would open a connection is dropped',
    'am_droprate: 20',
    '10',
  ),
  backup_only: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: while a backup daemon runs, and no master, packets of clients are left to the host',
    'backup_only: 1',
    'off',
  ),
  conn_reuse_mode: field(
    wholeNumber(0, 3).optional(),
    "0 to 3: what a client's new connection from the port of an old one does; 1 gives it a server anew where the old one has ended",
    'conn_reuse_mode: 0',
    '1',
  ),
  drop_entry: field(
    wholeNumber(0, 3).optional(),
    '0 to 3: entries of the table are dropped at random; never, 1 and 2 while the table is almost full, 3 always',
    'drop_entry: 1',
    'never',
  ),
  drop_packet: field(
    wholeNumber(0, 3).optional(),
    '0 to 3: packets that would open connections are dropped, as `drop_entry`',
    'drop_packet: 1',
    'never',
  ),
  expire_nodest_conn: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: connections of a deleted destination end at once',
    'expire_nodest_conn: 1',
    'off',
  ),
  expire_quiescent_template: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: clients leave a destination of weight 0 although they are persistent',
    'expire_quiescent_template: 1',
    'off',
  ),
  pmtu_disc: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: packets that do not fit the way are answered, and not fragmented',
    'pmtu_disc: 0',
    'on',
  ),
  schedule_icmp: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: ICMP errors without a connection are scheduled too',
    'schedule_icmp: 1',
    'off',
  ),
  secure_tcp: field(
    wholeNumber(0, 3).optional(),
    '0 to 3: stricter TCP states, as `drop_entry`',
    'secure_tcp: 1',
    'never',
  ),
  sloppy_sctp: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: any SCTP packet opens a connection',
    'sloppy_sctp: 1',
    'off',
  ),
  sloppy_tcp: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: any TCP packet opens a connection',
    'sloppy_tcp: 1',
    'off',
  ),
  sync_persist_mode: field(
    wholeNumber(0, 1).optional(),
    '0 to 1: of persistent services backups are told the templates alone, not the connections',
    'sync_persist_mode: 1',
    'off',
  ),
  sync_qlen_max: field(
    wholeNumber(1, 1_000_000).optional(),
    '1 to 1000000: datagrams of a master that may wait to be sent; what is beyond is not sent, and counted',
    'sync_qlen_max: 4096',
    `${DEFAULT_QUEUE}`,
  ),
  sync_refresh_period: field(
    wholeNumber(0, 86_400).optional(),
    '0 to 86400 seconds: what backups were told of a connection is told again so often, and in between only when its state changes; 0: by its packets',
    'sync_refresh_period: 10',
    '0',
  ),
  sync_retries: field(
    wholeNumber(0, 3).optional(),
    '0 to 3: how many times more something is told within a `sync_refresh_period`, in case a datagram is lost',
    'sync_retries: 2',
    '0',
  ),
  sync_sock_size: field(
    wholeNumber(0, 1_073_741_824).optional(),
    "0 to 1073741824 bytes: the buffers of the daemons' sockets; 0: what the system gives",
    'sync_sock_size: 4194304',
    '0',
  ),
  sync_threshold: field(
    parsed(
      z.union([z.number(), z.string()], { error: `must be ${THRESHOLD}` }),
      parseThreshold,
      THRESHOLD,
    ).optional(),
    'two numbers, as the kernel writes them, or the first alone: from which packet of a client on backups are told of a connection, and every how many packets again (0: never by packets)',
    'sync_threshold: 3 50',
    '3 50',
  ),
} satisfies Record<EbpfSysctlName | 'sync_threshold', z.ZodType>);

/** As the kernel: ip_vs_ctl.c, proc_do_sync_threshold. */
function parseThreshold(value: number | string): readonly [number, number] | undefined {
  const [, first, second = `${USUAL_PERIOD}`] = /^(\d{1,7})(?:\s+(\d{1,7}))?$/.exec(`${value}`) ?? [];
  const [threshold, period] = [Number(first), Number(second)];
  if (!(threshold <= MOST_PACKETS && period <= MOST_PACKETS)) return undefined;
  return period === 0 || threshold < period ? [threshold, period] : undefined;
}
