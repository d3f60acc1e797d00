import { NETLINK_GENERIC } from '../system/constants.ts';
import type { NetlinkSocketOptions } from '../system/netlink-socket.ts';
import { AttributeReader } from './attribute-reader.ts';
import type { NetlinkMessage } from './message.ts';
import { NetlinkConnection, type NetlinkConnectionOptions } from './netlink-connection.ts';
import { malformed } from './netlink-error.ts';
import type { NetlinkRequest } from './netlink-request.ts';
import type { NetlinkWriter } from './netlink-writer.ts';

/** A generic netlink family as the kernel describes it. */
export interface GenericFamily {
  readonly name: string;
  /** The type of its messages; it differs from boot to boot. */
  readonly id: number;
  readonly version: number;
  /** Bytes of the family's own fixed header. */
  readonly headerBytes: number;
  /** The highest number of an attribute. */
  readonly highestAttribute: number;
  /** Numbers of its multicast groups, by name. */
  readonly groups: ReadonlyMap<string, number>;
}

/** A request to a family. */
export interface GenericRequest
  extends Pick<NetlinkRequest, 'name' | 'flags' | 'dump' | 'receive' | 'restart'> {
  readonly command: number;
  /** Writes the attributes. */
  readonly body?: (writer: NetlinkWriter) => void;
}

/** struct genlmsghdr (linux/genetlink.h). */
export const GENERIC_HEADER_BYTES = 4;

/** linux/genetlink.h: the family that knows the others. */
const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_VERSION = 2;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;
const CTRL_ATTR_VERSION = 3;
const CTRL_ATTR_HDRSIZE = 4;
const CTRL_ATTR_MAXATTR = 5;
const CTRL_ATTR_MCAST_GROUPS = 7;
const CTRL_ATTR_MCAST_GRP_NAME = 1;
const CTRL_ATTR_MCAST_GRP_ID = 2;

/** The generic netlink families of a kernel, over one connection. */
export class GenericNetlink {
  readonly connection: NetlinkConnection;
  readonly #families = new Map<string, Promise<GenericFamily>>();

  constructor(connection: NetlinkConnection) {
    this.connection = connection;
  }

  /** Connects to this machine's kernel; throws a NetlinkError of kind `system-call` where it has no generic netlink. */
  static open(options: NetlinkSocketOptions & NetlinkConnectionOptions = {}): GenericNetlink {
    return new GenericNetlink(NetlinkConnection.open(NETLINK_GENERIC, options));
  }

  /**
   * A family by its name. The answer is remembered; a failure is not, so that a module may be loaded meanwhile. Rejects with
   * a NetlinkError with the code ENOENT where the kernel has no such family, nor a module for it.
   */
  family(name: string): Promise<GenericFamily> {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const asked = this.#ask(name);
    this.#families.set(name, asked);
    asked.catch(() => this.#families.delete(name));
    return asked;
  }

  /** Every family that the kernel has now. */
  families(): Promise<GenericFamily[]> {
    const body = genericBody(CTRL_CMD_GETFAMILY, CTRL_VERSION);
    return this.connection.list({ name: 'CTRL_CMD_GETFAMILY', type: GENL_ID_CTRL, body }, decodeFamily);
  }

  close(): void {
    this.connection.close();
  }

  async #ask(name: string): Promise<GenericFamily> {
    const request = {
      name: `CTRL_CMD_GETFAMILY ${name}`,
      type: GENL_ID_CTRL,
      body: genericBody(CTRL_CMD_GETFAMILY, CTRL_VERSION, (writer) =>
        writer.string(CTRL_ATTR_FAMILY_NAME, name),
      ),
    };
    const [family] = await this.connection.get(request, decodeFamily);
    if (family === undefined) throw malformed(`${request.name}: an acknowledgement without an answer`);
    return family;
  }
}

/** A request to a family as one that a connection takes. */
export function genericRequest(family: GenericFamily, request: GenericRequest): NetlinkRequest {
  const { command, body, ...rest } = request;
  return { ...rest, type: family.id, body: genericBody(command, family.version, body) };
}

/** The command of a generic netlink message; 0 where there is none. */
export function genericCommand({ payload: { view, start, end } }: NetlinkMessage): number {
  return end > start ? view.getUint8(start) : 0;
}

/** A request's body: the generic header, and then what `attributes` writes. */
export function genericBody(
  command: number,
  version: number,
  attributes?: (writer: NetlinkWriter) => void,
): (writer: NetlinkWriter) => void {
  return (writer) => {
    writer.octets(command, version, 0, 0);
    attributes?.(writer);
  };
}

function decodeFamily({ payload }: NetlinkMessage): GenericFamily {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  const family = {
    name: '',
    id: 0,
    version: 0,
    headerBytes: 0,
    highestAttribute: 0,
    groups: new Map<string, number>(),
  };
  while (reader.next()) {
    switch (reader.type) {
      case CTRL_ATTR_FAMILY_ID:
        family.id = reader.u16();
        break;
      case CTRL_ATTR_FAMILY_NAME:
        family.name = reader.string();
        break;
      case CTRL_ATTR_VERSION:
        family.version = reader.u32();
        break;
      case CTRL_ATTR_HDRSIZE:
        family.headerBytes = reader.u32();
        break;
      case CTRL_ATTR_MAXATTR:
        family.highestAttribute = reader.u32();
        break;
      case CTRL_ATTR_MCAST_GROUPS:
        reader.nest((groups) => {
          while (groups.next()) groups.nest((group) => addGroup(family.groups, group));
        });
        break;
    }
  }
  reader.finish();
  return family;
}

function addGroup(groups: Map<string, number>, reader: AttributeReader): void {
  let name = '';
  let id = 0;
  while (reader.next()) {
    if (reader.type === CTRL_ATTR_MCAST_GRP_NAME) name = reader.string();
    else if (reader.type === CTRL_ATTR_MCAST_GRP_ID) id = reader.u32();
  }
  groups.set(name, id);
}
