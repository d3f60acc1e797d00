import { addressBytes, type IpAddress } from '../../model/address.ts';
import type { VrrpInstanceSettings } from '../../model/vrrp.ts';
import type { Advertisement } from '../packet/advertisement.ts';

/** Why an advertisement that can be read is not heard. */
export type Dismissal = 'version' | 'authentication' | 'interval' | 'addresses' | 'peer';

/** What is odd about the sender, in words for people; it is heard all the same unless it is also dismissed. */
export interface Judgement {
  readonly dismissal?: Dismissal;
  readonly oddities: readonly string[];
}

/** Whether an instance hears an advertisement of its virtual router (RFC 9568 section 7.1, RFC 3768 section 7.1). */
export function judgeAdvertisement(
  { version, interval, addresses, password }: Advertisement,
  source: IpAddress,
  settings: VrrpInstanceSettings,
): Judgement {
  if (settings.unicastPeers !== undefined && !settings.unicastPeers.includes(source)) {
    return { dismissal: 'peer', oddities: [`${source} is none of the unicast peers`] };
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
  const sameAddresses = sameSet(
    addresses,
    settings.addresses.map(({ address }) => address),
  );
  if (!sameAddresses) oddities.push(`has other addresses: ${addresses.join(', ') || 'none'}`);
  if (version === 2 && !sameInterval) return { dismissal: 'interval', oddities };
  if (settings.checkAddresses && !sameAddresses) return { dismissal: 'addresses', oddities };
  return { oddities };
}

/** Above 0 where the first address is the higher one, as routers of the same priority settle it. */
export function compareAddresses(one: IpAddress, other: IpAddress): number {
  return Buffer.compare(addressBytes(one), addressBytes(other));
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}
