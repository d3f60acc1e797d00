import { AttributeReader } from '../netlink/attribute-reader.ts';
import { GENERIC_HEADER_BYTES, GenericNetlink, genericRequest } from '../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../netlink/message.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';
import { AF_NUMBER, type IpFamily, ipFamilyOf } from '../netlink/route/route-message.ts';

/** A UDP port whose packets the kernel takes as GUE. */
export interface GuePort {
  readonly port: number;
  readonly family: IpFamily;
}

/** linux/fou.h */
const FOU_CMD_ADD = 1;
const FOU_CMD_DEL = 2;
const FOU_CMD_GET = 3;
const FOU_ATTR_PORT = 1;
const FOU_ATTR_AF = 2;
const FOU_ATTR_TYPE = 4;
const FOU_ENCAP_GUE = 2;

/** The kernel's ports of GUE: what `ip fou` sets (module fou, and fou6 for IPv6). */
export class GuePorts {
  readonly #open: () => GenericNetlink;

  constructor(open: () => GenericNetlink = () => GenericNetlink.open()) {
    this.#open = open;
  }

  /** None where the kernel has no GUE. */
  async list(): Promise<GuePort[]> {
    return this.#with(async (netlink) => {
      const family = await netlink.family('fou').catch(absent);
      if (family === undefined) return [];
      const request = genericRequest(family, { name: 'FOU_CMD_GET', command: FOU_CMD_GET });
      return (await netlink.connection.list(request, decodeGuePort)).filter((port) => port !== undefined);
    });
  }

  /** Errors: ENOENT where the kernel has no GUE, EADDRINUSE where somebody has the port. */
  async add({ port, family }: GuePort): Promise<void> {
    await this.#with((netlink) => this.#request(netlink, 'FOU_CMD_ADD', FOU_CMD_ADD, port, family));
  }

  async delete({ port, family }: GuePort): Promise<void> {
    await this.#with((netlink) => this.#request(netlink, 'FOU_CMD_DEL', FOU_CMD_DEL, port, family));
  }

  async #request(netlink: GenericNetlink, name: string, command: number, port: number, family: IpFamily) {
    const request = genericRequest(await netlink.family('fou'), {
      name,
      command,
      body: (writer) => {
        writer.be16(FOU_ATTR_PORT, port);
        writer.u8(FOU_ATTR_AF, AF_NUMBER[family]);
        if (command === FOU_CMD_ADD) writer.u8(FOU_ATTR_TYPE, FOU_ENCAP_GUE);
      },
    });
    await netlink.connection.request(request);
  }

  async #with<T>(work: (netlink: GenericNetlink) => Promise<T>): Promise<T> {
    const netlink = this.#open();
    try {
      return await work(netlink);
    } finally {
      netlink.close();
    }
  }
}

function absent(error: unknown): undefined {
  if (error instanceof NetlinkError && error.code === 'ENOENT') return undefined;
  throw error;
}

/** Undefined for a port that is taken in another form than GUE. */
function decodeGuePort({ payload }: NetlinkMessage): GuePort | undefined {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  let port = 0;
  let family: IpFamily | undefined;
  let type = 0;
  while (reader.next()) {
    if (reader.type === FOU_ATTR_PORT) port = reader.be16();
    else if (reader.type === FOU_ATTR_AF) family = ipFamilyOf(reader.u8());
    else if (reader.type === FOU_ATTR_TYPE) type = reader.u8();
  }
  reader.finish();
  return type === FOU_ENCAP_GUE && family !== undefined ? { port, family } : undefined;
}
