/** What the guest does next: lines for `ipvsadm -R`, Ethernet frames in base64, or nothing for some milliseconds. */
export type GuestStep =
  | { readonly lines: readonly string[] }
  | { readonly frames: readonly string[] }
  | { readonly pause: number };
