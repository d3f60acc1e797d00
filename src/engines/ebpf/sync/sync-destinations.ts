import { addressBytes, type Family, familyOf, type IpAddress } from '../../../model/address.ts';
import { type DestinationId, destinationKey } from '../../../model/destination.ts';
import { type Protocol, type ServiceId, serviceKey } from '../../../model/service.ts';
import type { FirewallMark, Port } from '../../../model/unit.ts';
import { SYNC_FLAGS, type SyncRecord } from '../../../sync/message/sync-record.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { protocolOfNumber } from '../codec/address-codec.ts';
import { METHOD_MASQUERADE } from '../layout.gen.ts';
import type { ServiceSlots } from '../table/service-slots.ts';

export interface SyncDestinationsModules {
  readonly services: Pick<ServiceSlots, 'find'>;
  /** The first port that needs no privilege (net.ipv4.ip_unprivileged_port_start). */
  readonly unprivilegedPortStart: number;
}

const FTP_PORT = 21 as Port;
const FTP_DATA_PORT = 20;
const ANY_PORT = 0 as Port;

/** Finds whose a record of another director is: the destination that a connection or template leads to here. */
export class SyncDestinations {
  readonly #services: Pick<ServiceSlots, 'find'>;
  readonly #unprivilegedPortStart: number;
  /** Of services, once they were asked for: their only destination by its address, null where there are several. */
  #byAddress = new WeakMap<LiveService, ReadonlyMap<IpAddress, LiveDestination | null>>();

  constructor({ services, unprivilegedPortStart }: SyncDestinationsModules) {
    this.#services = services;
    this.#unprivilegedPortStart = unprivilegedPortStart;
  }

  /** To be called when services or destinations changed. */
  tableChanged(): void {
    this.#byAddress = new WeakMap();
  }

  /**
   * By the service's mark or else its address and port, and then the destination's address and port: the given port, or 0, and for marks
   * without masquerading 0 first (ip_vs_ctl.c, ip_vs_find_dest). Where neither fits it is the service's only destination with the
   * address: entries of persistent services have ports of their own where the service has none.
   */
  find(record: SyncRecord): LiveDestination | 'no-service' | 'no-destination' {
    let service: LiveService | undefined;
    for (service of this.#servicesOf(record)) {
      const found = this.#destinationOf(service, record);
      if (found !== undefined) return found;
    }
    return service === undefined ? 'no-service' : 'no-destination';
  }

  /** In the order of ip_vs_ctl.c, ip_vs_service_find. The first is the one, but for templates on every port: they may be those of FTP, too. */
  *#servicesOf(record: SyncRecord): Generator<LiveService, void> {
    const { clientAddress, virtualAddress, virtualPort } = record;
    const family = familyOf(clientAddress);
    const mark = markOf(record, family);
    if (mark !== 0) {
      const marked = this.#service({ kind: 'fwmark', fwmark: mark as FirewallMark, family });
      if (marked !== undefined) return yield marked;
    }
    const protocol = protocolOfNumber(record.protocol);
    if (protocol === undefined) return;
    const exact = this.#on(protocol, virtualAddress, virtualPort as Port);
    const isTemplate = (record.flags & SYNC_FLAGS.template) !== 0;
    if (exact !== undefined) yield exact;
    const onAnyPort = isTemplate && virtualPort === ANY_PORT;
    if (exact !== undefined && !onAnyPort) return;
    if (protocol === 'tcp' && (onAnyPort || this.#mayBeFtpData(virtualPort))) {
      const ftp = this.#on(protocol, virtualAddress, FTP_PORT);
      if (ftp !== undefined) return yield ftp;
    }
    const anyPort = onAnyPort ? undefined : this.#on(protocol, virtualAddress, ANY_PORT);
    if (anyPort !== undefined) yield anyPort;
  }

  #mayBeFtpData(port: number): boolean {
    return port === FTP_DATA_PORT || port >= this.#unprivilegedPortStart;
  }

  #on(protocol: Protocol, address: IpAddress, port: Port): LiveService | undefined {
    return this.#service({ kind: 'address', protocol, address, port });
  }

  #service(id: ServiceId): LiveService | undefined {
    return this.#services.find(serviceKey(id))?.service;
  }

  #destinationOf(service: LiveService, record: SyncRecord): LiveDestination | undefined {
    const { destinationAddress: address, flags, fwmark } = record;
    const port = record.destinationPort as Port;
    const anyFirst = fwmark !== 0 && (flags & SYNC_FLAGS.forwarding) !== METHOD_MASQUERADE;
    const find = (id: DestinationId) => service.find(destinationKey(id));
    const [first, second] = anyFirst ? [ANY_PORT, port] : [port, ANY_PORT];
    return (
      find({ address, port: first }) ??
      find({ address, port: second }) ??
      this.#destinationsByAddress(service).get(address) ??
      undefined
    );
  }

  #destinationsByAddress(service: LiveService): ReadonlyMap<IpAddress, LiveDestination | null> {
    const known = this.#byAddress.get(service);
    if (known !== undefined) return known;
    const made = new Map<IpAddress, LiveDestination | null>();
    for (const destination of service.destinations) {
      made.set(destination.address, made.has(destination.address) ? null : destination);
    }
    this.#byAddress.set(service, made);
    return made;
  }
}

/** Of a template of a mark it is the first word of the virtual address. */
export function markOf({ protocol, fwmark, virtualAddress }: SyncRecord, family: Family): number {
  if (protocol !== 0) return fwmark;
  const bytes = addressBytes(virtualAddress);
  if ((bytes.length === 4) !== (family === 'inet')) return 0;
  return new DataView(bytes.buffer).getUint32(0);
}
