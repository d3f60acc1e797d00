import type { Links } from '../../netlink/route/links.ts';
import type { AddressGuard } from './address-guard.ts';
import type { MasterBelongings, MasterHost } from './master-host.ts';

/** A host that also switches the interface of a virtual MAC address on and off, and keeps packets out where that is wanted. */
export class ExtendedMasterHost implements MasterHost {
  readonly #host: MasterHost;
  readonly #links: Pick<Links, 'find' | 'change'>;
  readonly #guard: AddressGuard;

  constructor(host: MasterHost, links: Pick<Links, 'find' | 'change'>, guard: AddressGuard) {
    this.#host = host;
    this.#links = links;
    this.#guard = guard;
  }

  async take(belongings: MasterBelongings): Promise<readonly string[]> {
    const { guardedFor, addresses } = belongings;
    const guarded =
      guardedFor === undefined
        ? Promise.resolve()
        : this.#guard.guard(
            guardedFor,
            addresses.map(({ address }) => address),
          );
    // The addresses are taken all the same; the failure is told after that.
    const [isGuarded, isUp] = await Promise.allSettled([guarded, this.#switch(belongings, true)]);
    const taken = await this.#host.take(belongings);
    for (const step of [isGuarded, isUp]) if (step.status === 'rejected') throw step.reason;
    return taken;
  }

  async give(belongings: MasterBelongings): Promise<readonly string[]> {
    const { guardedFor } = belongings;
    try {
      return await this.#host.give(belongings);
    } finally {
      // A backup takes no packet to the virtual MAC address (RFC 9568 section 6.4.2).
      await this.#switch(belongings, false);
      if (guardedFor !== undefined) await this.#guard.guard(guardedFor, []);
    }
  }

  async #switch({ interface: name, isVirtualLink }: MasterBelongings, up: boolean): Promise<void> {
    if (!isVirtualLink) return;
    const link = await this.#links.find(name);
    if (link !== undefined && link.up !== up) await this.#links.change(link.index, { up });
  }
}
