import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const [name, port, ...addresses] = process.argv.slice(2);

for (const address of addresses) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (datagram, client) => {
    socket.send(`${name} ${client.address}:${client.port} ${datagram}`, client.port, client.address);
  });
  socket.bind({ port: Number(port), address, exclusive: true });
  await once(socket, 'listening');
}
