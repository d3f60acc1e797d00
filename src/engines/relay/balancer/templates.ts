import type { ServiceKey } from '../../../model/service.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { type AddressWords, masked, maskWords } from './client-address.ts';
import { State } from './connection-state.ts';
import { type ConnectionTable, Flag } from './connection-table.ts';

type TemplateKey = number | string;

/** What a template's timer may have come to. */
export const PINNED_TIMEOUT = 60;

/**
 * Persistence templates (ip_vs_core.c, ip_vs_sched_persist): which destination a client, as far as the service's netmask
 * tells clients apart, goes to. They are rows of the connection table, found here by client.
 */
export class Templates {
  readonly #table: ConnectionTable;
  /** By the service's identity: one that is deleted and added again finds its templates. */
  readonly #byService = new Map<ServiceKey, Map<TemplateKey, number>>();

  constructor(table: ConnectionTable) {
    this.#table = table;
  }

  /** The valid template of a client, or -1. One whose destination is gone leaves the index and runs out. */
  find(service: LiveService, client: AddressWords): number {
    const index = this.#byService.get(service.key);
    const key = templateKey(masked(client, maskWords(service.settings.persistenceNetmask)));
    const slot = index?.get(key);
    if (index === undefined || slot === undefined) return -1;
    if (this.#table.destinations[slot]?.available === true) return slot;
    index.delete(key);
    this.#table.set(slot, Flag.invalid);
    return -1;
  }

  /** A new template, or -1 where the table is full. It replaces the client's former one. */
  create(service: LiveService, client: AddressWords, inet6: boolean, destination: LiveDestination): number {
    const table = this.#table;
    const slot = table.allocate(service);
    if (slot < 0) return slot;
    const words = masked(client, maskWords(service.settings.persistenceNetmask));
    table.set(slot, Flag.template | (inet6 ? Flag.inet6 : 0));
    table.address.set(words, slot * 4);
    table.port[slot] = 0;
    table.state[slot] = State.none;
    table.timeout[slot] = service.settings.persistenceTimeout ?? 0;
    table.assign(slot, destination);
    destination.bindTemplate();
    let index = this.#byService.get(service.key);
    if (index === undefined) {
      index = new Map();
      this.#byService.set(service.key, index);
    }
    const former = index.get(templateKey(words));
    if (former !== undefined) table.set(former, Flag.invalid);
    index.set(templateKey(words), slot);
    return slot;
  }

  /** Has clients find another destination. The templates of this one leave the index, and run out. */
  drop(destination: LiveDestination): void {
    for (const slot of this.#table.slotsOf(destination)) {
      if (!this.#table.has(slot, Flag.template) || this.#table.has(slot, Flag.invalid)) continue;
      this.#leaveIndex(slot);
      this.#table.set(slot, Flag.invalid);
    }
  }

  /** Takes an expired template out. */
  remove(slot: number): void {
    const table = this.#table;
    this.#leaveIndex(slot);
    table.destinations[slot]?.unbindTemplate();
    table.unassign(slot);
    table.free(slot);
  }

  #leaveIndex(slot: number): void {
    const table = this.#table;
    const service = table.services[slot];
    const index = service && this.#byService.get(service.key);
    if (service === undefined || index === undefined) return;
    const at = slot * 4;
    const word = (offset: number): number => table.address[at + offset] ?? 0;
    if (!table.has(slot, Flag.invalid)) index.delete(templateKey([word(0), word(1), word(2), word(3)]));
    if (index.size === 0) this.#byService.delete(service.key);
  }
}

function templateKey(words: AddressWords): TemplateKey {
  return words[1] === 0 && words[2] === 0 && words[3] === 0 ? words[0] : words.join(' ');
}
