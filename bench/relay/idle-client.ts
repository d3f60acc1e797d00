import { once } from 'node:events';
import net from 'node:net';

/** `idle-client.ts PORT COUNT` opens COUNT connections to 127.0.0.1, gets one answer on each, prints COUNT and holds them. */
const [port = '0', count = '0'] = process.argv.slice(2);
const BATCH = 200;

const sockets: net.Socket[] = [];
try {
  while (sockets.length < Number(count)) {
    const size = Math.min(BATCH, Number(count) - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: size }, open))));
  }
  process.stdout.write(`${sockets.length}\n`);
} catch (error) {
  process.stdout.write(
    `${sockets.length} connections, then ${error instanceof Error ? error.message : error}\n`,
  );
}
process.stdin.resume();

async function open(): Promise<net.Socket> {
  const socket = net.connect(Number(port), '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: idle\r\n\r\n');
  await once(socket, 'data');
  return socket;
}
