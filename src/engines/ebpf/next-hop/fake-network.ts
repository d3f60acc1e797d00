import { FakeKernel, type FakeMessage } from '../../../netlink/fake-kernel.ts';
import type { NetlinkWriter } from '../../../netlink/netlink-writer.ts';
import { RouteNetlink } from '../../../netlink/route/route-netlink.ts';
import { ipAddressBytes, ipAddressText } from '../../../system/netlink-ip-address.ts';
import { HostNetwork } from '../network/host-network.ts';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const ENETUNREACH = 101;
const UP_AND_RUNNING = 0x10041;

export interface FakeLink {
  readonly index: number;
  readonly name: string;
  readonly mtu: number;
  readonly address: string;
  readonly down?: true;
}

export interface FakeRoute {
  /** 1 unicast, 2 local. */
  readonly type?: number;
  readonly index?: number;
  readonly gateway?: string;
  readonly source?: string;
  readonly mtu?: number;
}

export interface FakeNeighbour {
  readonly index: number;
  readonly address: string;
  readonly linkLayerAddress?: string;
  /** NUD_ number: 2 reachable, 4 stale, 32 failed. */
  readonly state: number;
}

/** A kernel with links, routes to single addresses and neighbours, for tests of next hops. Changes are told by {@link announce}. */
export class FakeNetwork {
  readonly links: FakeLink[] = [];
  readonly routes = new Map<string, FakeRoute>();
  readonly neighbours: FakeNeighbour[] = [];
  /** Addresses that were looked up since the last time that a test emptied it. */
  readonly lookedUp: string[] = [];
  /** Neighbours that the kernel was asked to find. */
  readonly askedFor: string[] = [];
  /** The socket of the watch alone, for its faults. */
  readonly watched = new FakeKernel(() => undefined);
  readonly #kernel = new FakeKernel(({ type, payload: { view, start, end } }) => {
    const address = () => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice(start + 16, end);
      return ipAddressText(bytes.subarray(0, view.getUint8(start) === 2 ? 4 : 16)) ?? '';
    };
    switch (type) {
      case RTM_GETLINK:
        return { messages: this.links.map(linkMessage) };
      case RTM_GETNEIGH:
        return { messages: this.neighbours.map(neighbourMessage) };
      case RTM_NEWNEIGH:
        this.askedFor.push(address());
        return {};
      case RTM_GETROUTE: {
        this.lookedUp.push(address());
        const route = this.routes.get(address());
        return route === undefined ? { errno: ENETUNREACH } : { messages: [routeMessage(address(), route)] };
      }
      default:
        return undefined;
    }
  });

  open(): Promise<HostNetwork> {
    return HostNetwork.open(
      () => undefined,
      new RouteNetlink((groups) => (groups.length === 0 ? this.#kernel : this.watched).open()),
    );
  }

  announce(what: { link?: FakeLink; neighbour?: FakeNeighbour; route?: string }): void {
    if (what.link) this.watched.notify(linkMessage(what.link));
    if (what.neighbour) this.watched.notify(neighbourMessage(what.neighbour));
    if (what.route) this.watched.notify(routeMessage(what.route, this.routes.get(what.route) ?? {}));
  }
}

function linkMessage({ index, name, mtu, address, down }: FakeLink): FakeMessage {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint16(2, 1, true);
  view.setInt32(4, index, true);
  view.setUint32(8, down ? 0 : UP_AND_RUNNING, true);
  return {
    type: RTM_NEWLINK,
    body: (writer) => {
      writer.header(header);
      writer.string(3, name);
      writer.u32(4, mtu);
      writer.bytes(1, hardwareBytes(address));
    },
  };
}

function neighbourMessage({ index, address, linkLayerAddress, state }: FakeNeighbour): FakeMessage {
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setUint8(0, address.includes(':') ? 10 : 2);
  view.setInt32(4, index, true);
  view.setUint16(8, state, true);
  return {
    type: RTM_NEWNEIGH,
    body: (writer) => {
      writer.header(header);
      writeAddress(writer, 1, address);
      if (linkLayerAddress !== undefined) writer.bytes(2, hardwareBytes(linkLayerAddress));
    },
  };
}

function routeMessage(address: string, { type = 1, index, gateway, source, mtu }: FakeRoute): FakeMessage {
  const bits = address.includes(':') ? 128 : 32;
  const header = Uint8Array.of(bits === 128 ? 10 : 2, bits, 0, 0, 254, 0, 0, type, 0, 0, 0, 0);
  return {
    type: RTM_NEWROUTE,
    body: (writer) => {
      writer.header(header);
      writeAddress(writer, 1, address);
      if (index !== undefined) writer.u32(4, index);
      if (gateway !== undefined) writeAddress(writer, 5, gateway);
      if (source !== undefined) writeAddress(writer, 7, source);
      if (mtu !== undefined) writer.nest(8, () => writer.u32(2, mtu));
    },
  };
}

function writeAddress(writer: NetlinkWriter, type: number, address: string): void {
  writer.bytes(type, ipAddressBytes(address) ?? new Uint8Array(0));
}

function hardwareBytes(address: string): Uint8Array {
  return Uint8Array.from(address.split(':'), (byte) => Number.parseInt(byte, 16));
}
