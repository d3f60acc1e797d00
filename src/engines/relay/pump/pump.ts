import { parentPort } from 'node:worker_threads';
import { monotonicMilliseconds } from '../../../system/clock.ts';
import { EPOLLET, EPOLLIN } from '../../../system/constants.ts';
import { ringDoorbell } from '../../../system/doorbell.ts';
import { Epoll } from '../../../system/epoll.ts';
import { ToPump } from '../channel/message.ts';
import { RingConsumer, RingProducer } from '../channel/ring.ts';
import { activityTick, type SharedMemory } from '../channel/shared-memory.ts';
import {
  PumpContext,
  TOKEN_DOORBELL,
  TOKEN_TCP_CLIENT,
  TOKEN_TCP_SERVER,
  TOKEN_UDP_FLOW,
  TOKEN_UDP_SERVICE,
} from './pump-context.ts';
import { TcpPump } from './tcp-pump.ts';
import { UdpPump } from './udp-pump.ts';

const EVENTS_A_ROUND = 512;
const MESSAGES_A_ROUND = 1024;
/** A thread that waits in the kernel cannot be terminated, so it looks up now and then. */
const LONGEST_WAIT_MS = 1000;
/** errno of a connection that was given up on. */
const ETIMEDOUT = 110;

/** What a pump is started with. */
export interface PumpOptions {
  readonly number: number;
  readonly memory: SharedMemory;
  /** Rings from and to the balancer, and the eventfds that wake each side. */
  readonly fromBalancer: SharedArrayBuffer;
  readonly toBalancer: SharedArrayBuffer;
  readonly doorbell: number;
  readonly balancerDoorbell: number;
}

/**
 * The loop of a pump thread: waits for sockets and messages, moves bytes, reports, and leaves when the balancer says so.
 * It decides nothing: which destination, when to expire and what to count are the balancer's.
 */
export function runPump(options: PumpOptions): void {
  const epoll = new Epoll(EVENTS_A_ROUND);
  epoll.add(options.doorbell, EPOLLIN | EPOLLET, TOKEN_DOORBELL);
  const incoming = new RingConsumer(options.fromBalancer);
  const outgoing = new RingProducer(options.toBalancer, () => ringDoorbell(options.balancerDoorbell));
  const context = new PumpContext(epoll, outgoing, options.memory, options.number);
  const tcp = new TcpPump(context);
  const udp = new UdpPump(context);
  let running = true;

  const receive = (words: Int32Array, at: number): void => {
    const a = words[at + 1] ?? 0;
    const b = words[at + 2] ?? 0;
    const c = words[at + 3] ?? 0;
    switch (words[at]) {
      case ToPump.forwardTcp:
        tcp.forward(a, b, c);
        break;
      case ToPump.end:
        tcp.end(a);
        udp.end(a);
        break;
      case ToPump.abandon:
        tcp.abandon(a, ETIMEDOUT);
        break;
      case ToPump.openUdp:
        udp.openService(a, b, c === 1);
        break;
      case ToPump.editUdp:
        udp.editService(a, b === 1);
        break;
      case ToPump.closeUdp:
        udp.closeService(a);
        break;
      case ToPump.forwardUdp:
        udp.forward(a, b, c);
        break;
      case ToPump.retryUdp:
        udp.retry(a, b);
        break;
      case ToPump.dropDestination:
        udp.dropDestination(a);
        break;
      case ToPump.stop:
        running = false;
        break;
      default:
        throw new RangeError(`a pump got an unknown message: ${words[at]}`);
    }
  };

  parentPort?.postMessage('ready');
  while (running) {
    const idle = !tcp.busy && !outgoing.congested && incoming.prepareSleep();
    const count = epoll.wait(idle ? LONGEST_WAIT_MS : 0);
    incoming.wake();
    context.tick = activityTick(monotonicMilliseconds());
    for (let at = 0; at < count; at++) {
      const token = epoll.token(at);
      if (token === TOKEN_DOORBELL) continue;
      const index = token >>> 2;
      switch (token & 3) {
        case TOKEN_TCP_CLIENT:
          tcp.clientEvent(index, epoll.events(at));
          break;
        case TOKEN_TCP_SERVER:
          tcp.serverEvent(index, epoll.events(at));
          break;
        case TOKEN_UDP_SERVICE:
          udp.serviceEvent(index);
          break;
        case TOKEN_UDP_FLOW:
          udp.flowEvent(index);
          break;
      }
    }
    tcp.round();
    udp.sweep();
    incoming.drain(receive, MESSAGES_A_ROUND);
    outgoing.flush();
  }
  tcp.endAll();
  udp.endAll();
  outgoing.flush();
  epoll.close();
}
