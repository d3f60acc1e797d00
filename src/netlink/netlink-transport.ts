/** What a netlink connection speaks through: a socket of this machine's kernel, or a fake one. */
export interface NetlinkTransport {
  /** Sends one datagram of one or more messages. */
  send(datagram: Uint8Array): void;
  /**
   * What has come since the last call: views that hold until the next call, none where nothing has come. Throws an error
   * with `errno` where messages were lost (ENOBUFS, EMSGSIZE) or the socket failed.
   */
  receive(): readonly Uint8Array[];
  /** Resolves when {@link receive} may find something, when the time is over, or when the transport is closed. */
  readable(milliseconds?: number): Promise<void>;
  close(): void;
}
