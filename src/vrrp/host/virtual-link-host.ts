/** The interface that has a virtual MAC address. */
export interface VirtualLinkSettings {
  readonly name: string;
  /** 6 bytes. */
  readonly address: Uint8Array;
  /** Whether virtual IPv4 addresses will be on it. */
  readonly hasInet: boolean;
}

/** The interface that it lies on. */
export interface VirtualLinkParent {
  readonly name: string;
  readonly index: number;
}

/** Makes and removes interfaces with virtual MAC addresses. */
export interface VirtualLinkHost {
  /**
   * Makes it, switched off, in place of what an earlier run left; resolves to its index. Rejects where another interface has the name. It is to be
   * removed once for each time that it was made.
   */
  make(link: VirtualLinkSettings, parent: VirtualLinkParent): Promise<number>;
  /** One that is gone is no failure. */
  remove(link: VirtualLinkSettings, parent: VirtualLinkParent): Promise<void>;
}
