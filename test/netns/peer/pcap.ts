/**
 * The frames of a file as tcpdump writes it, in this machine's byte order (pcap-savefile(5)). A frame that is not yet whole at
 * the end is left out.
 */
export function pcapFrames(file: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  let at = FILE_HEADER_BYTES;
  while (at + PACKET_HEADER_BYTES <= file.length) {
    const begin = at + PACKET_HEADER_BYTES;
    const end = begin + file.readUInt32LE(at + 8);
    if (end > file.length) break;
    frames.push(file.subarray(begin, end));
    at = end;
  }
  return frames;
}

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
