import type { Family, IpAddress } from '../../../model/address.ts';
import type { Port } from '../../../model/unit.ts';
import { FLOW_MARK_TEMPLATE, OFFSET, SIZE } from '../layout.gen.ts';
import { readAddress, viewOf, writeAddress } from './address-codec.ts';

/** `struct flow4` and `struct flow6` of bpf/abi.h. */
export interface Flow {
  readonly client: IpAddress;
  readonly clientPort: Port;
  /** Of templates of firewall marks the mark. */
  readonly virtual: IpAddress | number;
  readonly virtualPort: Port;
  /** IPPROTO_*; 0 for templates of firewall marks. */
  readonly protocol: number;
  /** FLOW_* */
  readonly kind: number;
}

/** `struct reply4` and `struct reply6`. */
export interface Reply {
  readonly virtual: IpAddress;
  readonly virtualPort: Port;
}

export function encodeFlow(family: Family, flow: Flow): Uint8Array {
  const bytes = new Uint8Array(family === 'inet' ? SIZE.flow4 : SIZE.flow6);
  writeFlow(bytes, layoutOf(family), flow);
  return bytes;
}

export function decodeFlow(family: Family, bytes: Uint8Array): Flow {
  return readFlow(bytes, layoutOf(family), family);
}

/** Writes a `struct flow6` of either family, as it is outside of the maps; its bytes must be 0 before. */
export function writeWideFlow(bytes: Uint8Array, flow: Flow): void {
  writeFlow(bytes, OFFSET.flow6, flow);
}

/** Reads a `struct flow6` of either family. */
export function readWideFlow(bytes: Uint8Array, family: Family): Flow {
  return readFlow(bytes, OFFSET.flow6, family);
}

function writeFlow(bytes: Uint8Array, at: FlowLayout, flow: Flow): void {
  const view = viewOf(bytes);
  writeAddress(bytes, at.client, flow.client);
  if (typeof flow.virtual === 'number') view.setUint32(at.virtual, flow.virtual, true);
  else writeAddress(bytes, at.virtual, flow.virtual);
  view.setUint16(at.client_port, flow.clientPort);
  view.setUint16(at.virtual_port, flow.virtualPort);
  bytes[at.protocol] = flow.protocol;
  bytes[at.kind] = flow.kind;
}

function readFlow(bytes: Uint8Array, at: FlowLayout, family: Family): Flow {
  const view = viewOf(bytes);
  const kind = view.getUint8(at.kind);
  return {
    client: readAddress(bytes, at.client, family),
    clientPort: view.getUint16(at.client_port) as Port,
    virtual:
      kind === FLOW_MARK_TEMPLATE ? view.getUint32(at.virtual, true) : readAddress(bytes, at.virtual, family),
    virtualPort: view.getUint16(at.virtual_port) as Port,
    protocol: view.getUint8(at.protocol),
    kind,
  };
}

export function encodeReply(family: Family, reply: Reply): Uint8Array {
  const at = family === 'inet' ? OFFSET.reply4 : OFFSET.reply6;
  const bytes = new Uint8Array(family === 'inet' ? SIZE.reply4 : SIZE.reply6);
  writeAddress(bytes, at.virtual, reply.virtual);
  viewOf(bytes).setUint16(at.virtual_port, reply.virtualPort);
  return bytes;
}

export function decodeReply(family: Family, bytes: Uint8Array): Reply {
  const at = family === 'inet' ? OFFSET.reply4 : OFFSET.reply6;
  return {
    virtual: readAddress(bytes, at.virtual, family),
    virtualPort: viewOf(bytes).getUint16(at.virtual_port) as Port,
  };
}

type FlowLayout = typeof OFFSET.flow4 | typeof OFFSET.flow6;

function layoutOf(family: Family): FlowLayout {
  return family === 'inet' ? OFFSET.flow4 : OFFSET.flow6;
}
