/** What the guest does next: lines for `ipvsadm -R`, or Ethernet frames in base64. */
export type GuestStep = { readonly lines: readonly string[] } | { readonly frames: readonly string[] };
