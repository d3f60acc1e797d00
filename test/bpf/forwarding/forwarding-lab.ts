import {
  NEXT_HOP_LOCAL,
  NEXT_HOP_RESOLVED,
  NEXT_HOP_SOURCE,
  OFFSET,
  SIZE,
} from '../../../src/engines/ebpf/layout.gen.ts';
import type { LiveDestination } from '../../../src/engines/table/live-destination.ts';
import { addressBytes, type IpAddress } from '../../../src/model/address.ts';
import { testRun } from '../../../src/system/bpf/test-run.ts';
import { build, ethernet, ipv4, type Layer, parse } from '../../packet/packet.ts';
import { Lab } from '../harness/lab.ts';
import { indexKey } from '../harness/map-entries.ts';
import { macBytes, serverMac } from '../harness/table-maps.ts';
import { ROUTER_MAC } from '../harness/test-network.ts';
import { GUE_PORT, METHODS, type MethodName, SERVER_PORT } from './method.ts';
import { DIRECTOR, FAMILIES, type Family, type Protocol, SERVER, VIRTUAL } from './wire.ts';

export type Program = 'vipr_xdp' | 'vipr_ingress' | 'vipr_egress';

/** Where all methods have to do the same. */
export const BOTH_HOOKS = ['vipr_xdp', 'vipr_ingress'] as const satisfies readonly Program[];

/** A virtual service of the lab. */
export interface Virtual {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly method: MethodName;
}

/** How the director reaches a destination. */
export interface NextHop {
  /** Bytes of IP; 1500 unless given, 0 for unknown. */
  readonly mtu?: number;
  /** Of a tunnel; the director's address unless given. */
  readonly source?: string | undefined;
  readonly local?: boolean;
  /** False: the director does not know, and the kernel is asked. */
  readonly resolved?: boolean;
}

export interface Circumstances {
  /** Where the packet comes in; `clients` unless given. */
  readonly on?: 'clients' | 'servers';
  /** Bytes of payload of each segment that the kernel would cut the packet into. */
  readonly segment?: number;
  /**
   * Whether tc gets the packet with a sum over all of it, as some devices tell, which has to be right afterwards; it does, unless this
   * is false or the kernel older than 6.15. False for packets that are cut: the kernel forgets the sum then, and complains nevertheless.
   */
  readonly summed?: boolean;
}

/** What a program did with a packet. */
export interface Result {
  /** `back`: out of the interface that it came from, in XDP. */
  readonly verdict: 'pass' | 'drop' | 'redirect' | 'back';
  readonly layers: Layer[];
  readonly bytes: Buffer;
}

/** linux/bpf.h */
const BPF_F_TEST_SKB_CHECKSUM_COMPLETE = 1 << 2;

/** TC_ACT_* of linux/pkt_cls.h, and enum xdp_action. */
const TC_VERDICTS: Readonly<Record<number, Result['verdict']>> = { [-1]: 'pass', 2: 'drop', 7: 'redirect' };
const XDP_VERDICTS: Readonly<Record<number, Result['verdict']>> = {
  1: 'drop',
  2: 'pass',
  3: 'back',
  4: 'redirect',
};

/** A Lab with a service for each method, protocol and family, which shows what becomes of packets. */
export class ForwardingLab extends Lab {
  readonly #keepsSums = this.#canSum();

  static async open(): Promise<ForwardingLab> {
    const lab = new ForwardingLab({ connections: 4096 });
    for (const family of FAMILIES)
      for (const protocol of ['tcp', 'udp', 'sctp'] as const)
        for (const method of Object.keys(METHODS) as MethodName[]) {
          const virtual = { family, protocol, method };
          await lab.configure(serviceLines(virtual));
          lab.reach(virtual, {});
        }
    return lab;
  }

  /** Changes the next hop of a service's destination. */
  reach(virtual: Virtual, { mtu = 1500, local = false, resolved = true, ...given }: NextHop): void {
    const { slot } = this.destinationOf(virtual);
    const source = 'source' in given ? given.source : DIRECTOR[serverFamily(virtual)];
    const bytes = new Uint8Array(SIZE.next_hop);
    const view = new DataView(bytes.buffer);
    const at = OFFSET.next_hop;
    const flags =
      (resolved ? NEXT_HOP_RESOLVED : 0) |
      (local ? NEXT_HOP_LOCAL : 0) |
      (source === undefined ? 0 : NEXT_HOP_SOURCE);
    view.setUint32(at.flags, flags, true);
    view.setUint32(at.ifindex, this.network.servers.ifindex, true);
    view.setUint32(at.mtu, mtu, true);
    bytes.set(macBytes(serverMac(slot)), at.destination_mac);
    bytes.set(macBytes(this.network.servers.mac), at.source_mac);
    if (source !== undefined) bytes.set(addressBytes(source as IpAddress), at.source);
    this.plane.map('next_hops').update(indexKey(slot), bytes);
  }

  destinationOf({ family, protocol, method }: Virtual): LiveDestination {
    const found = this.maps.destinations.find(({ service: { id } }) => {
      if (id.kind !== 'address') return false;
      return id.address === VIRTUAL[family] && id.protocol === protocol && id.port === METHODS[method].port;
    });
    if (found === undefined) throw new RangeError(`${method} of ${protocol} has no destination`);
    return found;
  }

  /** The Ethernet header of frames from the clients' router, to it, from a server, and to the server of a service. */
  get fromRouter(): Layer {
    return ethernet({ destination: this.network.clients.mac, source: ROUTER_MAC });
  }

  get toRouter(): Layer {
    return ethernet({ destination: ROUTER_MAC, source: this.network.clients.mac });
  }

  get fromServer(): Layer {
    return ethernet({ destination: this.network.servers.mac });
  }

  toServer(virtual: Virtual): Layer {
    const destination = serverMac(this.destinationOf(virtual).slot);
    return ethernet({ destination, source: this.network.servers.mac });
  }

  run(
    program: Program,
    packet: readonly Layer[] | Buffer,
    { on = 'clients', segment = 0, summed = true }: Circumstances = {},
  ): Result {
    const data = Buffer.isBuffer(packet) ? packet : build(packet);
    const { ifindex } = this.network[on];
    const context = program === 'vipr_xdp' ? xdpContext(ifindex, data.length) : skbContext(ifindex, segment);
    const flags = summed && program !== 'vipr_xdp' && this.#keepsSums ? BPF_F_TEST_SKB_CHECKSUM_COMPLETE : 0;
    const result = testRun(this.plane.program(program), {
      data,
      context,
      flags,
      dataRoom: data.length + 512,
    });
    const verdicts = program === 'vipr_xdp' ? XDP_VERDICTS : TC_VERDICTS;
    const verdict = verdicts[result.verdict | 0];
    if (verdict === undefined) throw new RangeError(`${program} returned ${result.verdict | 0}`);
    const bytes = Buffer.from(result.data);
    return { verdict, bytes, layers: parse(bytes, { guePorts: [GUE_PORT] }) };
  }

  #canSum(): boolean {
    const data = build([
      this.fromRouter,
      ipv4({ source: '10.9.9.9', destination: '10.9.9.9', protocol: 59 }),
    ]);
    try {
      testRun(this.plane.program('vipr_ingress'), {
        data,
        dataRoom: 64,
        flags: BPF_F_TEST_SKB_CHECKSUM_COMPLETE,
      });
      return true;
    } catch {
      return false;
    }
  }
}

export function serverFamily({ family, method }: Virtual): Family {
  if (!('mixed' in METHODS[method])) return family;
  return family === 'inet' ? 'inet6' : 'inet';
}

function serviceLines(virtual: Virtual): string {
  const { family, protocol, method } = virtual;
  const { port, options } = METHODS[method];
  const flag = { tcp: '-t', udp: '-u', sctp: '--sctp-service' }[protocol];
  const service = `${flag} ${bracketed(VIRTUAL[family])}:${port}`;
  const server = bracketed(SERVER[serverFamily(virtual)]);
  return `-A ${service} -s rr
    -a ${service} -r ${server}:${method === 'masquerade' ? SERVER_PORT : port} ${options}`;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** `struct xdp_md`. */
function xdpContext(ifindex: number, length: number): Uint8Array {
  const context = new Uint8Array(24);
  const view = new DataView(context.buffer);
  view.setUint32(4, length, true);
  view.setUint32(12, ifindex, true);
  return context;
}

/** `struct __sk_buff`, as far as a test run takes it. */
function skbContext(ifindex: number, segment: number): Uint8Array {
  const context = new Uint8Array(192);
  const view = new DataView(context.buffer);
  view.setUint32(40, ifindex, true);
  view.setUint32(176, segment, true);
  return context;
}
