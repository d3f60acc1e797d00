import { VRRP_HOP_LIMIT } from './advertisement.ts';
import type { ReceivedPacket, Refusal } from './decode-advertisement.ts';

/** What is wrong with a packet, for people. */
export function describeRefusal(refusal: Refusal, { hopLimit }: ReceivedPacket): string {
  switch (refusal) {
    case 'hop-limit':
      return `its hop limit is ${hopLimit} and not ${VRRP_HOP_LIMIT}, so that it may be of another link`;
    case 'too-short':
    case 'length':
      return 'its length is not that of its addresses';
    case 'version':
      return 'it is of neither version 2 nor 3';
    case 'type':
      return 'it is of another type';
    case 'checksum':
      return 'its checksum is wrong';
    case 'virtual-router-id':
      return 'its virtual router ID is 0';
    case 'interval':
      return 'its interval is 0';
    case 'authentication-type':
      return 'its authentication is neither none nor PASS';
    default:
      throw new TypeError(`unknown refusal ${refusal satisfies never}`);
  }
}
