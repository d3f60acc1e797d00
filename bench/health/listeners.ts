import type { AddressInfo } from 'node:net';
import net from 'node:net';

/** Accepts connections on so many addresses of 127.77.0.0/24, one port each that the system chose, and says which to its parent. */
const count = Number(process.argv[2]);
const listeners = Array.from({ length: count }, () => net.createServer({ pauseOnConnect: true }));
const endpoints: string[] = [];
for (const [index, listener] of listeners.entries()) {
  listener.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.resume();
  });
  await new Promise<void>((resolve) => {
    listener.listen({ port: 0, host: `127.77.0.${index + 1}`, backlog: 4096 }, resolve);
  });
  const { address, port } = listener.address() as AddressInfo;
  endpoints.push(`${address}:${port}`);
}
process.send?.(endpoints);
process.once('disconnect', () => process.exit());
