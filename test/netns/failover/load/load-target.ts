/** Where load goes, and the address of the client that it comes from. */
export interface LoadTarget {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly from: string;
}
