/**
 * Messages between the balancer and a pump; the comment names the words after the kind. `slot` is the number of a
 * connection in the balancer's table, `destination` that of a row in the shared destination table.
 */

/** Balancer to pump. */
export const ToPump = {
  /** slot, client descriptor, destination: relay the accepted connection. A descriptor of -1 tries again with another destination. */
  forwardTcp: 1,
  /** slot: drop the connection or flow, resetting both sides; answered by `ended`. */
  end: 2,
  /** slot: the destination took too long to accept; answered by `refused`. */
  abandon: 3,
  /** service number, descriptor, 1 for one-packet scheduling: take datagrams from this socket. */
  openUdp: 4,
  /** service number: stop and close its socket; flows that exist go on until they are ended. */
  closeUdp: 5,
  /** request number, slot, destination: relay the flow; destination -1 drops it, slot -1 is a one-packet flow. */
  forwardUdp: 6,
  /** slot, destination: send the unanswered datagram of the flow to another destination. */
  retryUdp: 7,
  /** service number, 1 for one-packet scheduling: the service was edited. */
  editUdp: 8,
  /** destination: end its one-packet flows, which the balancer does not know; it was deleted, and its row will be another's. */
  dropDestination: 9,
  /** End everything and leave. */
  stop: 10,
} as const;

/** Pump to balancer. */
export const ToBalancer = {
  /** slot: the destination accepted. */
  connected: 1,
  /** slot, errno: the destination did not accept; the client still waits. */
  refused: 2,
  /** slot: the client sent its last byte, and it was forwarded. */
  clientFinished: 3,
  /** slot: the destination sent its last byte, and it was forwarded. */
  serverFinished: 4,
  /** slot, 1 where it was reset: both sides are closed, the slot is the balancer's again. */
  ended: 5,
  /** service number, request number, port | 65536 for IPv6, four words of address: whom does this client's flow go to? */
  scheduleUdp: 6,
  /** slot: the destination answered a datagram of the flow for the first time. */
  answered: 7,
} as const;
