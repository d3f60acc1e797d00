import { join } from 'node:path';
import { CHECKOUT } from '../lab/cache.ts';
import type { GuestResult, VirtualMachine } from '../lab/virtual-machine.ts';
import { FAMILIES, GUE_PORT } from '../traffic/network.ts';

/** A server of the traffic network, which `vipr realserver` sets up. */
export class RealServer {
  readonly #machine: VirtualMachine;
  readonly #name: string;
  /** {@link state} before it was set up. */
  readonly before: string;

  private constructor(machine: VirtualMachine, name: string, before: string) {
    this.#machine = machine;
    this.#name = name;
    this.before = before;
  }

  /** Takes away what the network gave it to accept VIPs and tunnels. */
  static async take(machine: VirtualMachine, name: string): Promise<RealServer> {
    // What the modules bring into every namespace stays there, whoever has them loaded.
    await machine.expect(`
      modprobe -a sit
      for d in tunl0 gre0 ip6tnl0 ip6gre0; do ip -n ${name} link set $d down; done
      ip -n ${name} fou del port ${GUE_PORT}
      ip -n ${name} -6 fou del port ${GUE_PORT}
      ip -n ${name} route del local ${FAMILIES.inet.virtual} dev lo
      ip -n ${name} route del local ${FAMILIES.inet6.virtual} dev lo`);
    return new RealServer(machine, name, await stateOf(machine, name));
  }

  /** Addresses, devices, ports of GUE and the settings that concern them. */
  state(): Promise<string> {
    return stateOf(this.#machine, this.#name);
  }

  async setUp(addresses: readonly string[]): Promise<string> {
    return this.#machine.expect(this.#vipr('setup', addresses));
  }

  check(addresses: readonly string[]): Promise<GuestResult> {
    return this.#machine.run(this.#vipr('check', addresses));
  }

  undo(): Promise<string> {
    return this.#machine.expect(this.#vipr('undo', []));
  }

  /** The names of the tunnel devices that are up. */
  async tunnelDevices(): Promise<readonly string[]> {
    const list = await this.#machine.expect(`ip -n ${this.#name} -o link show up`);
    const names = [...list.matchAll(/^\d+: ([^:@]+)/gm)].map(([, name = '']) => name);
    return names.filter((name) => name !== 'lo' && name !== 'eth0').toSorted();
  }

  #vipr(action: string, addresses: readonly string[]): string {
    const tunnels = ['ipip', 'gue', 'gre'].map((kind) => `--tunnel ${kind}`).join(' ');
    const words =
      action === 'undo'
        ? ''
        : `${addresses.join(' ')} ${tunnels} --tunnel-port ${GUE_PORT} --decapsulation kernel`;
    const vipr = `${join(CHECKOUT, 'bin/vipr')} realserver ${action} ${words} --state /run/realserver-${this.#name}.json`;
    return `ip netns exec ${this.#name} ${vipr}`;
  }
}

function stateOf(machine: VirtualMachine, name: string): Promise<string> {
  return machine.expect(`
    ip -n ${name} -o addr show | sed 's/ *valid_lft.*//; s/ tentative//'
    ip -n ${name} -br link show
    ip -n ${name} fou show
    ip -n ${name} -6 fou show
    ip netns exec ${name} sh -c 'cd /proc/sys/net/ipv4/conf; grep . */arp_ignore */arp_announce */rp_filter'`);
}
