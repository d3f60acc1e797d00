import { readFileSync } from 'node:fs';
import { ViprError } from '../../model/error.ts';
import { type GenericFamily, GenericNetlink } from '../../netlink/generic-netlink.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { IpvsInfo } from './config-codec.ts';
import { IpvsClient } from './ipvs-client.ts';
import { IpvsEngine, type IpvsEngineOptions } from './ipvs-engine.ts';
import { permissionDenied, toViprError } from './ipvs-error.ts';
import { IPVS_FAMILY } from './ipvs-message.ts';
import { loadModule } from './load-module.ts';

/** Bytes of answers that may wait: more than the largest batch brings. */
const RECEIVE_BUFFER = 1024 * 1024;
/** Bit of CAP_NET_ADMIN (linux/capability.h). */
const CAP_NET_ADMIN = 12n;

/** What stands between this code and the machine. */
export interface IpvsModules {
  readonly openNetlink: () => GenericNetlink;
  /** Loads a kernel module, or fails in silence. */
  readonly loadModule: (name: string) => Promise<void>;
  /** Whether this process may change the network (CAP_NET_ADMIN). */
  readonly isPrivileged: () => boolean;
}

export const MACHINE: IpvsModules = {
  openNetlink: () => GenericNetlink.open({ receiveBuffer: RECEIVE_BUFFER }),
  loadModule,
  isPrivileged,
};

/**
 * Opens the kernel's IPVS, after loading the module ip_vs where it is not there. Rejects with PERMISSION_DENIED (EPERM) for
 * who is no administrator of the network, and with ENGINE_UNAVAILABLE (ENOPROTOOPT) where the kernel has no IPVS.
 */
export async function openIpvsEngine(
  options: IpvsEngineOptions = {},
  modules: IpvsModules = MACHINE,
): Promise<IpvsEngine> {
  const { client, info } = await connect(modules);
  return new IpvsEngine(client, info, options);
}

/** As {@link openIpvsEngine}, for the client alone. */
export async function openIpvs(modules: IpvsModules = MACHINE): Promise<IpvsClient> {
  return (await connect(modules)).client;
}

/** The first request shows whether this process may speak to IPVS at all. */
async function connect(modules: IpvsModules): Promise<{ client: IpvsClient; info: IpvsInfo }> {
  const netlink = open(modules);
  try {
    const client = new IpvsClient(netlink, await findFamily(netlink, modules));
    return { client, info: await client.info() };
  } catch (error) {
    netlink.close();
    throw error;
  }
}

function open({ openNetlink }: IpvsModules): GenericNetlink {
  try {
    return openNetlink();
  } catch (error) {
    throw unavailable('this system has no generic netlink', error);
  }
}

async function findFamily(netlink: GenericNetlink, modules: IpvsModules): Promise<GenericFamily> {
  const found = await lookUp(netlink);
  if (found !== undefined) return found;
  // As the original, which then asks for a raw socket: without privileges that is what fails.
  if (!modules.isPrivileged()) throw permissionDenied();
  await modules.loadModule('ip_vs');
  const loaded = await lookUp(netlink);
  if (loaded !== undefined) return loaded;
  throw unavailable('the kernel has no IPVS');
}

async function lookUp(netlink: GenericNetlink): Promise<GenericFamily | undefined> {
  try {
    return await netlink.family(IPVS_FAMILY);
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT') return undefined;
    throw error instanceof Error ? toViprError(error) : error;
  }
}

function unavailable(what: string, cause?: unknown): ViprError {
  return new ViprError('ENGINE_UNAVAILABLE', what, {
    errno: 'ENOPROTOOPT',
    hint: "Install the kernel modules of your distribution that hold ip_vs, or use the engine 'relay', which needs none.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function isPrivileged(): boolean {
  const [, capabilities = '0'] =
    /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${capabilities}`) >> CAP_NET_ADMIN) & 1n) === 1n;
}
