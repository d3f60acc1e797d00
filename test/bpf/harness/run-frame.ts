import { testRun } from '../../../src/system/bpf/test-run.ts';
import { build, type Layer, parse } from '../../packet/packet.ts';
import type { Lab } from './lab.ts';
import { serverMac } from './table-maps.ts';

/** How a frame comes in. */
export interface Sending {
  /** `clients` unless given. */
  readonly on?: 'clients' | 'servers';
  /** The program; `vipr_ingress` unless given. */
  readonly program?: 'vipr_ingress' | 'vipr_xdp';
  /** The packet's firewall mark, as nftables would have set it; not for XDP. */
  readonly mark?: number;
}

/** What became of a frame. */
export interface Outcome {
  /** `forward` also for replies to clients; `reject` is an ICMP error to the client. */
  readonly action: 'forward' | 'drop' | 'pass' | 'reject';
  /** The address of the server that got it; absent where it went elsewhere. */
  readonly server: string | undefined;
  /** The frame that came out. */
  readonly layers: Layer[];
}

/** enum xdp_action, and TC_ACT_* of linux/pkt_cls.h. */
const ACTIONS = {
  vipr_xdp: { 1: 'drop', 2: 'pass', 3: 'forward', 4: 'forward' },
  vipr_ingress: { [-1]: 'pass', 0: 'pass', 2: 'drop', 7: 'forward' },
} as const satisfies Record<string, Readonly<Record<number, Outcome['action']>>>;

export function runIngress(lab: Lab, layers: readonly Layer[], sending: Sending): Outcome {
  const program = sending.program ?? 'vipr_ingress';
  const data = build(layers);
  const device = lab.network[sending.on ?? 'clients'];
  const context =
    program === 'vipr_xdp'
      ? xdpContext(device.ifindex, data.length)
      : skbContext(device.ifindex, sending.mark ?? 0);
  const { verdict, data: frame } = testRun(lab.plane.program(program), { data, context });
  const actions: Readonly<Record<number, Outcome['action']>> = ACTIONS[program];
  const action = actions[verdict | 0];
  if (action === undefined) throw new RangeError(`${program} returned ${verdict | 0}`);
  const out = parse(frame);
  const rejected = action === 'forward' && out.some(({ layer }) => layer === 'icmp' || layer === 'icmpv6');
  return { action: rejected ? 'reject' : action, server: serverOf(lab, action, out), layers: out };
}

function serverOf(lab: Lab, action: Outcome['action'], [ethernet]: readonly Layer[]): string | undefined {
  if (action !== 'forward' || ethernet?.layer !== 'ethernet') return undefined;
  return lab.maps.destinations.find(({ slot }) => serverMac(slot) === ethernet.destination)?.address;
}

/** `struct xdp_md`: a whole packet that came in at an interface. */
function xdpContext(ifindex: number, length: number): Uint8Array {
  const context = new Uint8Array(24);
  const view = new DataView(context.buffer);
  view.setUint32(4, length, true);
  view.setUint32(12, ifindex, true);
  return context;
}

/** `struct __sk_buff`, as far as a test run takes it. */
export function skbContext(ifindex: number, mark: number): Uint8Array {
  const context = new Uint8Array(192);
  const view = new DataView(context.buffer);
  view.setUint32(8, mark, true);
  view.setUint32(40, ifindex, true);
  return context;
}
