import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

/** The wanted port where it is free at all the addresses, for TCP and UDP; else one that the system gives, and that is. */
export async function freePort(wanted: number, addresses: readonly string[]): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = attempt === 0 ? wanted : await givenPort(addresses[0]);
    const free = await Promise.all(addresses.map((address) => isFree(address, port)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no port is free at ${addresses.join(', ')}`);
}

async function givenPort(address: string | undefined): Promise<number> {
  const server = net.createServer().listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

async function isFree(address: string, port: number): Promise<boolean> {
  const server = net.createServer();
  const socket = dgram.createSocket('udp4');
  try {
    server.listen(port, address);
    await once(server, 'listening');
    socket.bind(port, address);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
    socket.close();
  }
}
