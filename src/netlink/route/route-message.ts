/** Types of rtnetlink messages (linux/rtnetlink.h). */
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTM_NEWNEIGH = 28;
export const RTM_DELNEIGH = 29;
export const RTM_GETNEIGH = 30;
export const RTM_NEWRULE = 32;
export const RTM_DELRULE = 33;
export const RTM_GETRULE = 34;

/** Address family of IPv4 and IPv6. */
export type IpFamily = 'inet' | 'inet6';

export const AF_NUMBER: Readonly<Record<IpFamily, number>> = { inet: 2, inet6: 10 };

/** Undefined for what is neither IPv4 nor IPv6, such as a bridge's own messages. */
export function ipFamilyOf(number: number): IpFamily | undefined {
  return number === AF_NUMBER.inet ? 'inet' : number === AF_NUMBER.inet6 ? 'inet6' : undefined;
}
