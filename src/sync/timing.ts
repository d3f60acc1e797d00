/** How often a master multicasts a beacon, in milliseconds. */
export const BEACON_MS = 1000;
/** A master that was not heard for so long gives no beacons. */
export const SILENCE_MS = 3 * BEACON_MS;
/** Within this time of listening every master that lives has been heard, unless a beacon was lost. */
export const FIRST_BEACONS_MS = 1.2 * BEACON_MS;
/** How long a record waits at most for others to fill its datagram. */
export const FLUSH_MS = 10;
/** How often a link that does not work is tried again, and the interface's addresses are looked at. */
export const LOOK_MS = 1000;
/** A whole table is asked for again after this time at the earliest. */
export const ASK_AGAIN_MS = 5000;
/** So many transfers of a master's table may fail in a row until it counts as one that gives none. */
export const MOST_FAILURES = 3;
/** How long a backup that cannot listen waits for its interface, until it counts as one with nobody to ask. */
export const FAULT_GRACE_MS = MOST_FAILURES * ASK_AGAIN_MS;
/** A transfer that makes no progress for so long is cut off. */
export const TRANSFER_IDLE_MS = 5000;
/** A transfer that takes longer is cut off. */
export const TRANSFER_MOST_MS = 300_000;
