import { AttributeReader } from '../../netlink/attribute-reader.ts';
import {
  type FakeAnswer,
  FakeKernel,
  type FakeMessage,
  type FakeRequest,
} from '../../netlink/fake-kernel.ts';
import { GenericNetlink } from '../../netlink/generic-netlink.ts';
import { NetlinkConnection } from '../../netlink/netlink-connection.ts';
import { GuePorts } from '../gue-ports.ts';

const GENL_ID_CTRL = 16;
const FOU_FAMILY = 40;
const ENOENT = 2;

/** The generic netlink family `fou` in memory; without a kernel module for it unless `present`. */
export class FakeFou {
  present = false;
  /** `inet 6080` */
  readonly ports = new Set<string>();
  readonly #kernel = new FakeKernel((request) => this.#answer(request));

  open(): GuePorts {
    return new GuePorts(() => new GenericNetlink(new NetlinkConnection(this.#kernel.open())));
  }

  #answer(request: FakeRequest): FakeAnswer | undefined {
    if (request.type === GENL_ID_CTRL) return this.present ? { messages: [FAMILY] } : { errno: ENOENT };
    if (request.type !== FOU_FAMILY) return undefined;
    if (request.dump) return { messages: [...this.ports].map(portMessage) };
    const reader = new AttributeReader(request.payload, 4);
    let port = 0;
    let family = 0;
    while (reader.next()) {
      if (reader.type === 1) port = reader.be16();
      else if (reader.type === 2) family = reader.u8();
    }
    const text = `${family === 2 ? 'inet' : 'inet6'} ${port}`;
    if (request.payload.view.getUint8(request.payload.start) === 1) this.ports.add(text);
    else this.ports.delete(text);
    return {};
  }
}

const FAMILY: FakeMessage = {
  type: GENL_ID_CTRL,
  body: (writer) => {
    writer.header(Uint8Array.of(1, 2, 0, 0));
    writer.u16(1, FOU_FAMILY);
    writer.string(2, 'fou');
    writer.u32(3, 1);
  },
};

function portMessage(text: string): FakeMessage {
  const [family, port] = text.split(' ');
  return {
    type: FOU_FAMILY,
    body: (writer) => {
      writer.header(Uint8Array.of(1, 1, 0, 0));
      writer.be16(1, Number(port));
      writer.u8(2, family === 'inet' ? 2 : 10);
      writer.u8(4, 2);
    },
  };
}
