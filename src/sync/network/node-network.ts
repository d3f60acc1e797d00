import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressBytes, familyOf, type IpAddress, parseIpAddress } from '../../model/address.ts';
import { openGroupSocket } from '../../system/group-socket.ts';
import { close } from '../../system/libc.ts';
import { hostAddresses, isLinkLocal } from './host-address.ts';
import type { Closable, DatagramSender, Failed, SyncNetwork, SyncWay } from './sync-network.ts';

/** The sockets of the network namespace that the process is in. */
export const nodeNetwork: SyncNetwork = {
  addresses: () => hostAddresses(networkInterfaces()),

  async openSender(way, failed) {
    const socket = createSocket({ type: typeOf(way.group), lookup: asItIs });
    return prepared(socket, failed, async () => {
      // Without a look-up it may happen at once.
      const listening = once(socket, 'listening');
      socket.bind({ address: scoped(way.address, way.interface), port: 0 });
      await listening;
      socket.setMulticastInterface(multicastInterface(way));
      socket.setMulticastTTL(way.ttl);
      // What this host sends its own backup would have to tell from that of others.
      socket.setMulticastLoopback(false);
      if (way.socketBytes > 0) socket.setSendBufferSize(way.socketBytes);
      const connected = once(socket, 'connect');
      socket.connect(way.port, scoped(way.group, way.interface));
      await connected;
      return { send: (datagram, done) => socket.send(datagram, done) } satisfies Omit<
        DatagramSender,
        'close'
      >;
    });
  },

  async openReceiver(way, heard, failed) {
    const fd = openGroupSocket(addressBytes(way.group), way.port, way.interface);
    const socket = adopted(fd, way.group);
    return prepared(socket, failed, async () => {
      socket.addMembership(way.group, multicastInterface(way));
      if (way.socketBytes > 0) socket.setRecvBufferSize(way.socketBytes);
      socket.on('message', (datagram, { address }) => {
        const source = unscoped(address);
        if (source !== undefined) heard(datagram, source);
      });
      return {};
    });
  },

  async listen(way, accept, failed) {
    const server = createServer((stream) => {
      const peer = unscoped(stream.remoteAddress ?? '');
      if (peer === undefined) stream.destroy();
      else accept(stream, peer);
    });
    server.listen({ host: scoped(way.address, way.interface), port: way.port });
    await once(server, 'listening');
    server.on('error', failed);
    return { close: () => void server.close() };
  },

  connect: (from, to) =>
    connect({
      host: scoped(to.address, from.interface),
      port: to.port,
      localAddress: scoped(from.address, from.interface),
      noDelay: true,
    }),
};

/** Closes the socket where `prepare` fails, and from then on tells of its errors. */
async function prepared<T extends object>(
  socket: Socket,
  failed: Failed,
  prepare: () => Promise<T>,
): Promise<T & Closable> {
  let isOpen = true;
  const shut = (): void => {
    if (isOpen) socket.close();
    isOpen = false;
  };
  try {
    const parts = await prepare();
    socket.on('error', failed);
    return { ...parts, close: shut };
  } catch (error) {
    // An error that comes while it closes is of no more interest.
    socket.on('error', () => {});
    shut();
    throw error;
  }
}

/** Gives a socket that was made by system calls to Node.js. */
function adopted(fd: number, group: IpAddress): Socket {
  try {
    return createSocket({ type: typeOf(group) }).bind({ fd });
  } catch (error) {
    close(fd);
    throw error;
  }
}

function typeOf(group: IpAddress): 'udp4' | 'udp6' {
  return familyOf(group) === 'inet6' ? 'udp6' : 'udp4';
}

/** As node:dgram wants it named: by an address, or for IPv6 by a zone. */
function multicastInterface({ group, address, interface: device }: SyncWay): string {
  return familyOf(group) === 'inet6' ? `::%${device}` : address;
}

function scoped(address: IpAddress, device: string): string {
  return isLinkLocal(address) ? `${address}%${device}` : address;
}

function unscoped(text: string): IpAddress | undefined {
  return parseIpAddress(text.replace(/%.*/, ''));
}

/** Addresses need no look-up. */
function asItIs(
  address: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, address, isIPv6(address) ? 6 : 4);
}
