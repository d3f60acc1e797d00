import type { Family, IpAddress } from '../model/address.ts';
import type { DaemonRole } from '../model/daemon.ts';
import type { ForwardingMethod } from '../model/destination.ts';
import type { Protocol } from '../model/service.ts';
import type { FirewallMark, Port, PrefixLength, Seconds, Weight } from '../model/unit.ts';
import type { AddressArgument } from './address-argument.ts';
import type { OptionName, TunnelType } from './grammar.ts';

export const HOST_NETMASK = '255.255.255.255' as IpAddress;
export const HOST_PREFIX = 128 as PrefixLength;

/**
 * What a command line has said so far. Options take effect in their order, and some read what earlier ones said: `-r`
 * takes the port of the service before it, `-M` its family.
 */
export interface Draft {
  /** The options given, for the checks of what goes with what. */
  readonly given: Set<OptionName>;
  /** Unknown until a service option; TCP for marks, but for service names only. */
  protocol: Protocol | undefined;
  address: IpAddress | undefined;
  port: Port;
  fwmark: FirewallMark | undefined;
  family: Family | undefined;
  /** Empty until `-s`. */
  scheduler: string;
  /** The value of `-b`, which is read when the scheduler is known. */
  schedulerFlags: string;
  persistenceTimeout: Seconds | undefined;
  persistenceNetmask: IpAddress | PrefixLength;
  persistenceEngine: string;
  onePacket: boolean;
  destination: Omit<AddressArgument, 'port'> & { readonly port: Port };
  forwarding: ForwardingMethod;
  weight: Weight;
  upperThreshold: number;
  lowerThreshold: number;
  tunnelType: TunnelType;
  tunnelPort: Port;
  tunnelChecksum: 'none' | 'checksum' | 'remote';
  role: DaemonRole;
  interface: string;
  syncId: number;
  maxLength: number | undefined;
  group: IpAddress | undefined;
  daemonPort: Port | undefined;
  ttl: number | undefined;
}

export function emptyDraft(): Draft {
  return {
    given: new Set(),
    protocol: undefined,
    address: undefined,
    port: 0 as Port,
    fwmark: undefined,
    family: undefined,
    scheduler: '',
    schedulerFlags: '',
    persistenceTimeout: undefined,
    persistenceNetmask: HOST_NETMASK,
    persistenceEngine: '',
    onePacket: false,
    destination: { address: '0.0.0.0' as IpAddress, port: 0 as Port },
    forwarding: 'direct',
    weight: 1 as Weight,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnelType: 'ipip',
    tunnelPort: 0 as Port,
    tunnelChecksum: 'none',
    role: 'master',
    interface: 'eth0',
    syncId: 0,
    maxLength: undefined,
    group: undefined,
    daemonPort: undefined,
    ttl: undefined,
  };
}
