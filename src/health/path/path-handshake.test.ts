import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { LinkTarget } from '../../system/raw/packet-socket.ts';
import { decodeIpPacket, encodeIpPacket } from './ip-packet.ts';
import { type HandshakeSocket, shakeHands } from './path-handshake.ts';
import type { PathPlan } from './path-plan.ts';
import { decodeTcpSegment, encodeTcpSegment, TCP_ACK, TCP_RST, TCP_SYN } from './tcp-segment.ts';
import type { Way } from './way.ts';

const plan: PathPlan = {
  method: 'direct',
  server: '192.0.2.10' as IpAddress,
  port: 80,
  via: '10.0.0.11' as IpAddress,
  endpoint: {},
};
const way: Way = {
  index: 7,
  linkLayerAddress: Uint8Array.of(2, 0, 0, 0, 0, 1),
  source: '10.0.0.1' as IpAddress,
  outerSource: '10.0.0.1' as IpAddress,
};
const SYN = `SYN 1000`;
const RST = `RST 1001`;

describe('shakeHands', () => {
  it('ends what was accepted by RST, and closes the socket', async () => {
    const { socket, answer } = start();
    socket.bring(segment(TCP_SYN | TCP_ACK));
    assert.deepEqual(await answer, { kind: 'accepted' });
    assert.deepEqual(socket.sent, [SYN, RST]);
    assert.ok(socket.closed);
    assert.deepEqual(socket.targets[0], {
      index: 7,
      protocol: 0x0800,
      linkLayerAddress: way.linkLayerAddress,
    });
  });

  it('sends nothing to who refused', async () => {
    const { socket, answer } = start();
    socket.bring(segment(TCP_RST | TCP_ACK));
    assert.deepEqual(await answer, { kind: 'refused' });
    assert.deepEqual(socket.sent, [SYN]);
  });

  it('waits on when something else comes', async () => {
    const { socket, answer } = start();
    socket.bring(segment(TCP_SYN | TCP_ACK, 5));
    socket.bring(segment(TCP_RST | TCP_ACK));
    assert.deepEqual(await answer, { kind: 'refused' });
  });

  it('repeats the SYN after one second, and after two more', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { socket, calls, answer } = start();
      for (const [passed, sent] of [
        [999, 1],
        [1, 2],
        [1999, 2],
        [1, 3],
      ] as const) {
        mock.timers.tick(passed);
        assert.equal(socket.sent.length, sent);
      }
      calls.abort();
      assert.equal(await answer, undefined);
      mock.timers.tick(100_000);
      assert.deepEqual(socket.sent, [SYN, SYN, SYN, RST]);
      assert.ok(socket.closed);
    } finally {
      mock.timers.reset();
    }
  });

  it('tells that nothing can be sent', async () => {
    const { socket, answer } = start({ refuse: true });
    await assert.rejects(answer, /refused/);
    assert.ok(socket.closed);
  });
});

function start({ refuse = false } = {}) {
  const socket = new FakeSocket(refuse);
  const calls = new AbortController();
  const answer = shakeHands({ plan, way, sourcePort: 40_000, sequence: 1000, signal: calls.signal }, socket);
  // Rejected before it is awaited, otherwise.
  answer.catch(() => {});
  return { socket, calls, answer };
}

class FakeSocket implements HandshakeSocket {
  readonly sent: string[] = [];
  readonly targets: LinkTarget[] = [];
  closed = false;
  readonly #refuse: boolean;
  readonly #packets: Uint8Array[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(refuse: boolean) {
    this.#refuse = refuse;
  }

  bring(packet: Uint8Array): void {
    this.#packets.push(packet);
    this.#wake.resolve();
  }

  send(to: LinkTarget, packet: Uint8Array): void {
    if (this.#refuse) throw new Error('refused');
    const { flags = 0, sequence } = decodeTcpSegment(decodeIpPacket(packet)?.payload ?? packet) ?? {};
    this.targets.push(to);
    this.sent.push(`${(flags & TCP_SYN) !== 0 ? 'SYN' : (flags & TCP_RST) !== 0 ? 'RST' : '?'} ${sequence}`);
  }

  receive(): readonly Uint8Array[] {
    return this.#packets.splice(0);
  }

  async readable(): Promise<void> {
    await this.#wake.promise;
    if (!this.closed) this.#wake = Promise.withResolvers();
  }

  close(): void {
    this.closed = true;
    this.#wake.resolve();
  }
}

/** From the VIP to the check. */
function segment(flags: number, acknowledgement = 1001): Uint8Array {
  const addresses = { source: Uint8Array.of(192, 0, 2, 10), destination: Uint8Array.of(10, 0, 0, 1) };
  const ports = { sourcePort: 80, destinationPort: 40_000 };
  const payload = encodeTcpSegment({ ...ports, sequence: 1, acknowledgement, flags }, addresses);
  return encodeIpPacket({ ...addresses, protocol: 6, hopLimit: 64, payload });
}
