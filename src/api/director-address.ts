/** A director that listens on TCP. */
export interface DirectorAddress {
  /** `http://127.0.0.1:9327`, `https://director.example:9327`. */
  readonly url: string;
  /** What the director's token file says; without one it answers on loopback only, and only what reads. */
  readonly token?: string;
  /** PEM certificates of authorities to trust instead of the system's. */
  readonly certificateAuthority?: string;
}
