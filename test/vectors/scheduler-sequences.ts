/**
 * Which of three servers IPVS chose for connection after connection.
 *
 * Recorded on Linux 6.12.117 (Debian, amd64) with ipvsadm 1.31: the service was made first, then servers 1, 2 and 3 were
 * added in this order, then a client opened connections one after another and kept them. A UDP flow counts as inactive,
 * an open TCP connection as active.
 */
export interface SchedulerSequence {
  readonly scheduler: string;
  readonly protocol: 'udp' | 'tcp';
  /** Of servers 1, 2 and 3. */
  readonly weights: readonly [number, number, number];
  /** Of servers 1, 2 and 3; 0 where there is none. */
  readonly upperThresholds?: readonly [number, number, number];
  readonly lowerThresholds?: readonly [number, number, number];
  /** The server of each connection by its number; `-` where the connection was refused. */
  readonly picks: string;
  /** Connections of servers 1, 2 and 3 in the listing afterwards. */
  readonly counts: readonly [number, number, number];
}

export const schedulerSequences: readonly SchedulerSequence[] = [
  { scheduler: 'rr', protocol: 'udp', weights: [1, 5, 0], picks: '212121', counts: [3, 3, 0] },
  { scheduler: 'wrr', protocol: 'udp', weights: [1, 2, 3], picks: '321332321332', counts: [2, 4, 6] },
  { scheduler: 'wrr', protocol: 'udp', weights: [4, 3, 2], picks: '321121321321121321', counts: [8, 6, 4] },
  { scheduler: 'wrr', protocol: 'udp', weights: [2, 4, 6], picks: '321332321332', counts: [2, 4, 6] },
  { scheduler: 'lc', protocol: 'udp', weights: [1, 1, 1], picks: '3213213', counts: [2, 2, 3] },
  { scheduler: 'lc', protocol: 'udp', weights: [1, 0, 5], picks: '313131', counts: [3, 0, 3] },
  { scheduler: 'wlc', protocol: 'udp', weights: [1, 2, 3], picks: '321323321323', counts: [2, 4, 6] },
  { scheduler: 'wlc', protocol: 'udp', weights: [1, 1, 1], picks: '321321', counts: [2, 2, 2] },
  { scheduler: 'wlc', protocol: 'tcp', weights: [1, 2, 3], picks: '321323321323', counts: [2, 4, 6] },
  { scheduler: 'lc', protocol: 'tcp', weights: [1, 2, 3], picks: '3213213', counts: [2, 2, 3] },
  { scheduler: 'sed', protocol: 'tcp', weights: [1, 2, 3], picks: '323321323321', counts: [2, 4, 6] },
  { scheduler: 'nq', protocol: 'tcp', weights: [1, 2, 3], picks: '321332323321', counts: [2, 4, 6] },
  { scheduler: 'ovf', protocol: 'tcp', weights: [1, 2, 3], picks: '333322211-', counts: [2, 3, 4] },
  { scheduler: 'fo', protocol: 'tcp', weights: [1, 2, 2], picks: '3333', counts: [0, 0, 4] },
  { scheduler: 'sed', protocol: 'tcp', weights: [1, 1, 1], picks: '3213', counts: [1, 1, 2] },
  {
    scheduler: 'rr',
    protocol: 'tcp',
    weights: [1, 1, 1],
    upperThresholds: [0, 0, 2],
    lowerThresholds: [0, 0, 1],
    picks: '321321212',
    counts: [3, 4, 2],
  },
];
