import { AttributeReader } from './attribute-reader.ts';
import { align, type ByteRange, HOST_LITTLE_ENDIAN } from './byte-range.ts';
import {
  MESSAGE_HEADER_BYTES,
  type NetlinkMessage,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
} from './message.ts';
import { malformed } from './netlink-error.ts';

/** How the kernel ended a request. */
export interface Acknowledgement {
  /** 0 where it was done. */
  readonly errno: number;
  /** The kernel's words: of an error, or a warning with success. */
  readonly kernelMessage?: string;
  /** Where in the request the attribute is that the kernel objects to. */
  readonly offset?: number;
  /** The number of the attribute that the request lacks. */
  readonly missingAttribute?: number;
}

/** enum nlmsgerr_attrs (linux/netlink.h). */
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
const NLMSGERR_ATTR_MISS_TYPE = 5;

/** Reads an NLMSG_ERROR or NLMSG_DONE; throws a NetlinkError of kind `malformed` for what is neither. */
export function decodeAcknowledgement({ type, flags, payload }: NetlinkMessage): Acknowledgement {
  const { view, start, end } = payload;
  // Old kernels end a dump without a value.
  if (type === NLMSG_DONE && end - start < 4) return { errno: 0 };
  if (end - start < 4) throw malformed('an acknowledgement without an error number');
  const errno = 0 - view.getInt32(start, HOST_LITTLE_ENDIAN);
  if (errno < 0) throw malformed(`an acknowledgement with the error number ${-errno}`);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  return { errno, ...extendedAcknowledgement(attributesOf(type, flags, payload)) };
}

/** The attributes come after the error number, and for NLMSG_ERROR after the request or its header. */
function attributesOf(type: number, flags: number, { view, start, end }: ByteRange): ByteRange {
  let at = start + 4;
  if (type !== NLMSG_DONE) {
    if (end - at < MESSAGE_HEADER_BYTES)
      throw malformed('an acknowledgement without the head of its request');
    const length = view.getUint32(at, HOST_LITTLE_ENDIAN);
    const repeated = (flags & NLM_F_CAPPED) === 0 ? length : MESSAGE_HEADER_BYTES;
    if (repeated > end - at) throw malformed('an acknowledgement that ends within its request');
    at = Math.min(at + align(repeated), end);
  }
  return { view, start: at, end };
}

function extendedAcknowledgement(range: ByteRange): Omit<Acknowledgement, 'errno'> {
  const reader = new AttributeReader(range);
  let kernelMessage: string | undefined;
  let offset: number | undefined;
  let missingAttribute: number | undefined;
  while (reader.next()) {
    if (reader.type === NLMSGERR_ATTR_MSG) kernelMessage = reader.string();
    else if (reader.type === NLMSGERR_ATTR_OFFS) offset = reader.u32();
    else if (reader.type === NLMSGERR_ATTR_MISS_TYPE) missingAttribute = reader.u32();
  }
  reader.finish();
  return {
    ...(kernelMessage === undefined ? {} : { kernelMessage }),
    ...(offset === undefined ? {} : { offset }),
    ...(missingAttribute === undefined ? {} : { missingAttribute }),
  };
}
