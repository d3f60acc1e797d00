/** Where an engine in the kernel meets the packets of an interface. */
export interface InterfaceAttachment {
  readonly interface: string;
  /** Absent where there is tc alone. */
  readonly xdp?: 'native' | 'generic';
  readonly tc: 'tcx' | 'clsact';
  /** Why it is so. */
  readonly note: string;
}
