import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import dnsPacket from 'dns-packet';

/**
 * A real server of the demonstration, a process of its own: `real-server.ts NAME ADDRESS HTTP-PORT HTTP-PORT DNS-PORT` answers HTTP with
 * its name, and DNS questions for TXT records with its name too. It prints `ready`, and runs until it is killed.
 */
const [name = 'rs', address = '127.0.0.1', ...ports] = process.argv.slice(2);
const [web = 0, app = 0, dns = 0] = ports.map(Number);

for (const port of [web, app]) {
  const server = http.createServer((_request, response) => response.end(`${name}\n`));
  // Connections without requests stay.
  server.keepAliveTimeout = 0;
  server.listen(port, address);
  await once(server, 'listening');
}

const socket = dgram.createSocket('udp4', (message, from) => {
  const { id = 0, questions = [] } = dnsPacket.decode(message);
  const answers = questions.map((asked) => ({ type: 'TXT', name: asked.name, ttl: 0, data: name }) as const);
  const flags = dnsPacket.AUTHORITATIVE_ANSWER;
  socket.send(dnsPacket.encode({ type: 'response', id, flags, questions, answers }), from.port, from.address);
});
socket.bind(dns, address);
await once(socket, 'listening');

process.stdout.write('ready\n');
