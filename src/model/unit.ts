import type { Brand } from './brand.ts';

/** A transport port, 0 to 65535; 0 stands for any port of the address. */
export type Port = Brand<number, 'Port'>;
/** A destination's share of new connections, 0 (quiesced) to 2147483647. */
export type Weight = Brand<number, 'Weight'>;
/** A firewall mark, 1 to 4294967295. */
export type FirewallMark = Brand<number, 'FirewallMark'>;
/** Length of an IPv6 prefix, 1 to 128. */
export type PrefixLength = Brand<number, 'PrefixLength'>;
/** A duration in whole seconds. */
export type Seconds = Brand<number, 'Seconds'>;
/** A duration, or a point on a monotonic clock, in milliseconds. */
export type Milliseconds = Brand<number, 'Milliseconds'>;

const INT_MAX = 2 ** 31 - 1;

/** The number as a {@link Port}, or undefined unless it is a whole number from 0 to 65535. */
export const asPort = (value: number): Port | undefined => within(value, 0, 65535) as Port | undefined;
/** The number as a {@link Weight}, or undefined unless it is a whole number from 0 to 2147483647. */
export const asWeight = (value: number): Weight | undefined =>
  within(value, 0, INT_MAX) as Weight | undefined;
/** The number as a {@link FirewallMark}, or undefined unless it is a whole number from 1 to 4294967295. */
export const asFirewallMark = (value: number): FirewallMark | undefined =>
  within(value, 1, 2 ** 32 - 1) as FirewallMark | undefined;
/** The number as a {@link PrefixLength}, or undefined unless it is a whole number from 1 to 128. */
export const asPrefixLength = (value: number): PrefixLength | undefined =>
  within(value, 1, 128) as PrefixLength | undefined;
/** The number as {@link Seconds}, or undefined unless it is a whole number from 0 to 2147483647. */
export const asSeconds = (value: number): Seconds | undefined =>
  within(value, 0, INT_MAX) as Seconds | undefined;

function within(value: number, least: number, most: number): number | undefined {
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}
