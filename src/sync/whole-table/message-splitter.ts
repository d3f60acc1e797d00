import { V1_HEADER_BYTES } from '../message/sync-record.ts';

/** Parts a stream of datagrams by the lengths that they tell. Keeps at most one of them, 65,535 bytes, and what was given last. */
export class MessageSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The datagrams that are complete with these bytes. Throws an Error on a length that none can have. */
  push(bytes: Uint8Array): readonly Buffer[] {
    const all = Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    let start = 0;
    while (all.length - start >= V1_HEADER_BYTES) {
      const length = all.readUInt16BE(start + 2);
      if (length < V1_HEADER_BYTES) throw new Error(`a message tells a length of ${length} bytes`);
      if (all.length - start < length) break;
      messages.push(all.subarray(start, start + length));
      start += length;
    }
    this.#rest = all.subarray(start);
    return messages;
  }
}
