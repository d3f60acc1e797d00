/** A client's connection, or what stands for one in UDP. */
export interface Flow {
  readonly protocol: 'tcp' | 'udp';
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly virtualAddress: string;
  readonly virtualPort: number;
}

/** The flow as one string, for maps and messages. */
export function flowKey({ protocol, clientAddress, clientPort, virtualAddress, virtualPort }: Flow): string {
  return `${protocol} ${clientAddress} ${clientPort} -> ${virtualAddress} ${virtualPort}`;
}
