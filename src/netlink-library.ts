/**
 * The library's door to netlink(7), published as `vipr/netlink`: messages and attributes, connections with many requests at
 * once, generic netlink, rtnetlink, and a fake kernel for tests. Linux only. It knows nothing of load balancing, and loads
 * nothing of it. `docs/library/netlink.md` shows how to use it.
 *
 * ```ts
 * import { RouteNetlink } from 'vipr/netlink';
 *
 * const netlink = new RouteNetlink();
 * for (const link of await netlink.links.list()) console.log(link.index, link.name, link.mtu);
 * netlink.close();
 * ```
 */

// Messages and attributes.
export { type Acknowledgement, decodeAcknowledgement } from './netlink/acknowledgement.ts';
export { AttributeReader } from './netlink/attribute-reader.ts';
export { type ByteRange, bytesOf, rangeOf } from './netlink/byte-range.ts';
// For tests.
export {
  type FakeAnswer,
  type FakeFaults,
  FakeKernel,
  type FakeMessage,
  type FakeRequest,
} from './netlink/fake-kernel.ts';
// Generic netlink.
export {
  type GenericFamily,
  GenericNetlink,
  type GenericRequest,
  genericCommand,
  genericRequest,
} from './netlink/generic-netlink.ts';
export {
  decodeMessages,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_MULTI,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './netlink/message.ts';
// Connections to the kernel, or to a fake one.
export { NetlinkConnection, type NetlinkConnectionOptions } from './netlink/netlink-connection.ts';
export { NetlinkError, type NetlinkErrorKind, type NetlinkErrorOptions } from './netlink/netlink-error.ts';
export type { NetlinkOutcome, NetlinkRequest } from './netlink/netlink-request.ts';
export type { NetlinkTransport } from './netlink/netlink-transport.ts';
export { type MessageHeader, NetlinkWriter } from './netlink/netlink-writer.ts';
// rtnetlink: links, addresses, routes, rules, neighbours.
export type { InterfaceAddress, InterfaceAddressSettings } from './netlink/route/interface-address.ts';
export type { InterfaceAddresses } from './netlink/route/interface-addresses.ts';
export type { InetSetting, InterfaceSettings } from './netlink/route/interface-settings.ts';
export type { IpPrefix } from './netlink/route/ip-address.ts';
export type { Link, LinkChanges, LinkSettings, OperationalState } from './netlink/route/link.ts';
export type { Links } from './netlink/route/links.ts';
export type { Neighbour, NeighbourSettings, NeighbourState } from './netlink/route/neighbour.ts';
export type { Neighbours } from './netlink/route/neighbours.ts';
export type { NextHop, Route, RouteFilter, RouteSettings, RouteType } from './netlink/route/route.ts';
export type { IpFamily } from './netlink/route/route-message.ts';
export { type OpenRouteSocket, RouteNetlink } from './netlink/route/route-netlink.ts';
export { type RouteChange, RouteWatch, type Watched } from './netlink/route/route-watch.ts';
export type { Routes } from './netlink/route/routes.ts';
export type { Rule, RuleSettings } from './netlink/route/rule.ts';
export type { Rules } from './netlink/route/rules.ts';
export { NETLINK_GENERIC, NETLINK_ROUTE } from './system/constants.ts';
export { NetlinkSocket, type NetlinkSocketOptions } from './system/netlink-socket.ts';
