import { addressBytes, type IpAddress } from '../../model/address.ts';
import type { VrrpInstanceSettings } from '../../model/vrrp.ts';
import { type Advertisement, VRRP_HOP_LIMIT } from '../packet/advertisement.ts';

/** Why an advertisement that can be read is not heard. */
export type Dismissal =
  | 'own-address'
  | 'hop-limit'
  | 'version'
  | 'authentication'
  | 'interval'
  | 'addresses'
  | 'peer';

/** Whom an advertisement comes from. */
export interface Sender {
  readonly source: IpAddress;
  /** TTL or hop limit that it came with. */
  readonly hopLimit: number;
}

/** What is odd about the sender, in words for people; it is heard all the same unless it is also dismissed. */
export interface Judgement {
  readonly dismissal?: Dismissal;
  readonly oddities: readonly string[];
}

/** Addresses of a peer that are named; what strangers send does not make lines without end. */
const MOST_NAMED = 8;

/**
 * Whether an instance that sends from `own` hears an advertisement of its virtual router (RFC 9568 section 7.1, RFC 3768 section 7.1). Oddities
 * go on after the sender's address.
 */
export function judgeAdvertisement(
  { version, interval, addresses, password }: Advertisement,
  { source, hopLimit }: Sender,
  settings: VrrpInstanceSettings,
  own: IpAddress,
): Judgement {
  if (source === own) {
    const text =
      "is this router's own address: its packets come back, somebody replays them, or another host has it";
    return { dismissal: 'own-address', oddities: [text] };
  }
  if (settings.unicastPeers !== undefined && !settings.unicastPeers.includes(source)) {
    return { dismissal: 'peer', oddities: ['is none of the unicast peers'] };
  }
  // Unicast peers may be beyond a router, and keepalived sends to those of IPv6 with 64.
  if (settings.unicastPeers === undefined && hopLimit !== VRRP_HOP_LIMIT) {
    return { dismissal: 'hop-limit', oddities: [`sends from another link, with hop limit ${hopLimit}`] };
  }
  if (version !== settings.version) {
    return { dismissal: 'version', oddities: [`speaks version ${version} and not ${settings.version}`] };
  }
  if (version === 2 && password !== settings.password) {
    const has = password === undefined ? 'no password' : 'another password';
    return { dismissal: 'authentication', oddities: [`has ${has}`] };
  }
  const oddities: string[] = [];
  const sameInterval = interval === settings.advertisementInterval;
  if (!sameInterval)
    oddities.push(`advertises every ${interval} ms and not every ${settings.advertisementInterval} ms`);
  const otherAddresses = differenceOf(
    addresses,
    settings.addresses.map(({ address }) => address),
  );
  if (otherAddresses !== undefined) oddities.push(`has other addresses: ${otherAddresses}`);
  if (version === 2 && !sameInterval) return { dismissal: 'interval', oddities };
  if (settings.checkAddresses && otherAddresses !== undefined) return { dismissal: 'addresses', oddities };
  return { oddities };
}

/** Above 0 where the first address is the higher one, as routers of the same priority settle it. */
export function compareAddresses(one: IpAddress, other: IpAddress): number {
  return Buffer.compare(addressBytes(one), addressBytes(other));
}

/** Undefined where both have the same. */
function differenceOf(theirs: readonly string[], ours: readonly string[]): string | undefined {
  const more = theirs.filter((each) => !ours.includes(each));
  const missing = ours.filter((each) => !theirs.includes(each));
  if (more.length + missing.length === 0)
    return theirs.length === ours.length ? undefined : 'one is there twice';
  return [
    ...(missing.length > 0 ? [`${named(missing)} missing`] : []),
    ...(more.length > 0 ? [`${named(more)} in addition`] : []),
  ].join(', ');
}

function named(addresses: readonly string[]): string {
  const others = addresses.length - MOST_NAMED;
  return [...addresses.slice(0, MOST_NAMED), ...(others > 0 ? [`${others} others`] : [])].join(', ');
}
