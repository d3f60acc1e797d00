import type { FirewallMark } from '../../src/model/unit.ts';

/** The services of scenarios. */
export const VIRTUAL = { inet: '192.0.2.10', inet6: '2001:db8::10' } as const;
/** Packets to these prefixes bear the mark: the addresses that a firewall mark's service covers. */
export const MARKED = { inet: '198.51.100.', inet6: '2001:db8:1::' } as const;
export const MARK = 7 as FirewallMark;
