import { decodeMessages, type NetlinkMessage } from '../message.ts';
import { ofTransport } from '../netlink-connection.ts';
import { NetlinkError } from '../netlink-error.ts';
import type { NetlinkTransport } from '../netlink-transport.ts';
import { decodeInterfaceAddress, type InterfaceAddress } from './interface-address.ts';
import { decodeLink, type Link, linkMessageFamily } from './link.ts';
import { decodeNeighbour, isIpNeighbour, type Neighbour } from './neighbour.ts';
import { decodeRoute, type Route } from './route.ts';
import {
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from './route-message.ts';
import { decodeRule, type Rule } from './rule.ts';

/** What can be watched. */
export type Watched = 'link' | 'address' | 'route' | 'rule' | 'neighbour';

/** `set`: it is new or was changed. */
export type RouteChange =
  | { readonly kind: 'link'; readonly change: 'set' | 'deleted'; readonly link: Link }
  | { readonly kind: 'address'; readonly change: 'set' | 'deleted'; readonly address: InterfaceAddress }
  | { readonly kind: 'route'; readonly change: 'set' | 'deleted'; readonly route: Route }
  | { readonly kind: 'rule'; readonly change: 'set' | 'deleted'; readonly rule: Rule }
  | { readonly kind: 'neighbour'; readonly change: 'set' | 'deleted'; readonly neighbour: Neighbour }
  /** More changed than could be kept: what is known must be listed anew. */
  | { readonly kind: 'lost' };

/** Multicast groups (linux/rtnetlink.h, RTNLGRP_*). */
export const GROUPS: Readonly<Record<Watched, readonly number[]>> = {
  link: [1],
  neighbour: [3],
  address: [5, 9],
  route: [7, 11],
  rule: [8, 19],
};

/** Changes as they come. Iterate it once; {@link close}, or leaving the loop, ends it. */
export class RouteWatch implements AsyncIterableIterator<RouteChange, undefined> {
  readonly #transport: NetlinkTransport;
  readonly #changes: RouteChange[] = [];
  #closed = false;

  constructor(transport: NetlinkTransport) {
    this.#transport = transport;
  }

  async next(): Promise<IteratorResult<RouteChange, undefined>> {
    try {
      for (;;) {
        const change = this.#changes.shift();
        if (change !== undefined) return { done: false, value: change };
        if (this.#closed) return { done: true, value: undefined };
        if (!this.#receive()) await this.#transport.readable();
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<RouteChange, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the iteration, also one that waits, and drops what was not read. */
  close(): void {
    this.#closed = true;
    this.#changes.length = 0;
    this.#transport.close();
  }

  /** Whether anything came. */
  #receive(): boolean {
    try {
      const datagrams = this.#transport.receive();
      for (const message of datagrams.flatMap(decodeMessages)) {
        const change = changeOf(message);
        if (change !== undefined) this.#changes.push(change);
      }
      return datagrams.length > 0;
    } catch (error) {
      const failure = ofTransport(error);
      if (!(failure instanceof NetlinkError && failure.kind === 'overrun')) throw failure;
      this.#changes.push({ kind: 'lost' });
      return true;
    }
  }
}

/** Undefined for messages about something else. */
function changeOf(message: NetlinkMessage): RouteChange | undefined {
  switch (message.type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      // Bridges and IPv6 announce their own side of a link, which does not change the link.
      if (linkMessageFamily(message) !== 0) return undefined;
      return { kind: 'link', change: changeTo(message, RTM_NEWLINK), link: decodeLink(message) };
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return {
        kind: 'address',
        change: changeTo(message, RTM_NEWADDR),
        address: decodeInterfaceAddress(message),
      };
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return { kind: 'route', change: changeTo(message, RTM_NEWROUTE), route: decodeRoute(message) };
    case RTM_NEWRULE:
    case RTM_DELRULE:
      return { kind: 'rule', change: changeTo(message, RTM_NEWRULE), rule: decodeRule(message) };
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      if (!isIpNeighbour(message)) return undefined;
      return {
        kind: 'neighbour',
        change: changeTo(message, RTM_NEWNEIGH),
        neighbour: decodeNeighbour(message),
      };
    default:
      return undefined;
  }
}

function changeTo({ type }: NetlinkMessage, set: number): 'set' | 'deleted' {
  return type === set ? 'set' : 'deleted';
}
