import { AttributeReader } from '../../netlink/attribute-reader.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/byte-range.ts';
import {
  type FakeAnswer,
  FakeKernel,
  type FakeMessage,
  type FakeRequest,
} from '../../netlink/fake-kernel.ts';
import { bytesOfAddress } from '../../netlink/route/ip-address.ts';
import * as rtm from '../../netlink/route/route-message.ts';
import { ipAddressText } from '../../system/netlink-ip-address.ts';

/** An interface of the {@link FakeNetwork}. */
export interface FakeLink {
  readonly index: number;
  readonly name: string;
  readonly kind?: string;
  /** ARPHRD_ number: 1 Ethernet, 772 loopback, 768 tunnel. */
  readonly hardware: number;
  /** IFF_ flags but for IFF_UP. */
  readonly flags: number;
  readonly mtu: number;
  up: boolean;
  /** The kernel's own tunnel device, which nobody can delete. */
  readonly permanent?: boolean;
}

export interface FakeAddress {
  readonly index: number;
  readonly address: string;
  readonly prefixLength: number;
}

const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFA_LOCAL = 2;
const RTA_GATEWAY = 5;
const RTA_OIF = 4;
const IFF_UP = 1;
const IFF_NOARP = 0x80;
const ERRNO = { ENODEV: 19, EEXIST: 17, EOPNOTSUPP: 95, EADDRNOTAVAIL: 99 } as const;

/** rtnetlink of a host in memory: links, addresses and a default route, for tests of what is asked of the kernel. */
export class FakeNetwork {
  readonly links: FakeLink[] = [
    { index: 1, name: 'lo', hardware: 772, flags: 0x8, mtu: 65_536, up: true },
    { index: 2, name: 'eth0', hardware: 1, flags: 0x2, mtu: 1500, up: true },
  ];
  readonly addresses: FakeAddress[] = [
    { index: 1, address: '127.0.0.1', prefixLength: 8 },
    { index: 2, address: '10.2.0.11', prefixLength: 24 },
  ];
  /** The interface and the gateway of IPv4's default route. */
  defaultRoute: { readonly index: number; readonly gateway: string } | undefined = {
    index: 2,
    gateway: '10.2.0.254',
  };
  /** Kinds of devices that the kernel can make. */
  readonly kinds = new Set<string>();
  /** What was changed, as `add 192.0.2.10/32`. */
  readonly changes: string[] = [];
  readonly kernel = new FakeKernel((request) => this.#answer(request));

  addTunnelDevice(name: string, kind: string, permanent = true): FakeLink {
    const index = this.links.length + 1;
    const link = { index, name, kind, hardware: 768, flags: IFF_NOARP, mtu: 1480, up: false, permanent };
    this.links.push(link);
    return link;
  }

  #answer(request: FakeRequest): FakeAnswer | undefined {
    switch (request.type) {
      case rtm.RTM_GETLINK:
        return this.#getLinks(request);
      case rtm.RTM_NEWLINK:
        return this.#setLink(request);
      case rtm.RTM_DELLINK:
        return this.#deleteLink(request);
      case rtm.RTM_GETADDR:
        return { messages: this.addresses.map(addressMessage) };
      case rtm.RTM_NEWADDR:
      case rtm.RTM_DELADDR:
        return this.#setAddress(request);
      case rtm.RTM_GETROUTE:
        return { messages: this.defaultRoute === undefined ? [] : [routeMessage(this.defaultRoute)] };
      default:
        return undefined;
    }
  }

  #getLinks(request: FakeRequest): FakeAnswer {
    if (request.dump) return { messages: this.links.map(linkMessage) };
    const found = this.#find(request);
    return found === undefined ? { errno: ERRNO.ENODEV } : { messages: [linkMessage(found)] };
  }

  #setLink(request: FakeRequest): FakeAnswer {
    const { view, start } = request.payload;
    const { name, kind } = readLinkAttributes(request);
    if (kind !== undefined) {
      if (this.links.some((link) => link.name === name)) return { errno: ERRNO.EEXIST };
      if (!this.kinds.has(kind)) return { errno: ERRNO.EOPNOTSUPP, kernelMessage: 'Unknown device type' };
      this.changes.push(`make ${name}`);
      this.addTunnelDevice(name ?? '', kind, false);
      return {};
    }
    const link = this.#find(request);
    if (link === undefined) return { errno: ERRNO.ENODEV };
    link.up = (view.getUint32(start + 8, HOST_LITTLE_ENDIAN) & IFF_UP) !== 0;
    this.changes.push(`${link.name} ${link.up ? 'up' : 'down'}`);
    return {};
  }

  #deleteLink(request: FakeRequest): FakeAnswer {
    const link = this.#find(request);
    if (link === undefined) return { errno: ERRNO.ENODEV };
    // As the kernel's tunnels do: no error, and no effect.
    if (link.permanent) return {};
    this.links.splice(this.links.indexOf(link), 1);
    this.changes.push(`delete ${link.name}`);
    return {};
  }

  #setAddress(request: FakeRequest): FakeAnswer {
    const { view, start } = request.payload;
    const prefixLength = view.getUint8(start + 1);
    const index = view.getUint32(start + 4, HOST_LITTLE_ENDIAN);
    const reader = new AttributeReader(request.payload, 8);
    let address = '';
    while (reader.next()) if (reader.type === IFA_LOCAL) address = ipAddressText(reader.bytes()) ?? '';
    const at = this.addresses.findIndex((each) => each.address === address && each.index === index);
    if (request.type === rtm.RTM_NEWADDR) {
      if (at >= 0) return { errno: ERRNO.EEXIST };
      this.addresses.push({ index, address, prefixLength });
      this.changes.push(`add ${address}/${prefixLength}`);
      return {};
    }
    if (at < 0) return { errno: ERRNO.EADDRNOTAVAIL };
    this.addresses.splice(at, 1);
    this.changes.push(`remove ${address}/${prefixLength}`);
    return {};
  }

  #find(request: FakeRequest): FakeLink | undefined {
    const { view, start } = request.payload;
    const index = view.getInt32(start + 4, HOST_LITTLE_ENDIAN);
    const { name } = readLinkAttributes(request);
    return this.links.find((link) => (index === 0 ? link.name === name : link.index === index));
  }
}

function readLinkAttributes({ payload }: FakeRequest): { readonly name?: string; readonly kind?: string } {
  const reader = new AttributeReader(payload, 16);
  let found: { name?: string; kind?: string } = {};
  while (reader.next()) {
    if (reader.type === IFLA_IFNAME) found = { ...found, name: reader.string() };
    else if (reader.type === IFLA_LINKINFO)
      reader.nest((inside) => {
        while (inside.next()) if (inside.type === IFLA_INFO_KIND) found = { ...found, kind: inside.string() };
      });
  }
  return found;
}

function linkMessage({ index, name, kind, hardware, flags, mtu, up }: FakeLink): FakeMessage {
  return {
    type: rtm.RTM_NEWLINK,
    body: (writer) => {
      const header = new Uint8Array(16);
      const view = new DataView(header.buffer);
      view.setUint16(2, hardware, HOST_LITTLE_ENDIAN);
      view.setInt32(4, index, HOST_LITTLE_ENDIAN);
      view.setUint32(8, flags | (up ? IFF_UP : 0), HOST_LITTLE_ENDIAN);
      writer.header(header);
      writer.string(IFLA_IFNAME, name);
      writer.u32(IFLA_MTU, mtu);
      if (kind !== undefined) writer.nest(IFLA_LINKINFO, (inside) => inside.string(IFLA_INFO_KIND, kind));
    },
  };
}

function addressMessage({ index, address, prefixLength }: FakeAddress): FakeMessage {
  return {
    type: rtm.RTM_NEWADDR,
    body: (writer) => {
      const header = new Uint8Array(8);
      const scope = address.startsWith('127.') ? 254 : 0;
      header.set([rtm.AF_NUMBER[address.includes(':') ? 'inet6' : 'inet'], prefixLength, 0, scope]);
      new DataView(header.buffer).setUint32(4, index, HOST_LITTLE_ENDIAN);
      writer.header(header);
      writer.bytes(IFA_LOCAL, bytesOfAddress(address));
    },
  };
}

function routeMessage({ index, gateway }: { readonly index: number; readonly gateway: string }): FakeMessage {
  return {
    type: rtm.RTM_NEWROUTE,
    body: (writer) => {
      // struct rtmsg: IPv4, the table `main`, made at boot, everywhere, unicast.
      writer.header(Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0));
      writer.bytes(RTA_GATEWAY, bytesOfAddress(gateway));
      writer.u32(RTA_OIF, index);
    },
  };
}
