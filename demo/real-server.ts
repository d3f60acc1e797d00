import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import dnsPacket from 'dns-packet';

/**
 * A real server of the demo, a process of its own: `real-server.ts NAME` answers HTTP with its name, and DNS questions for
 * TXT records with its name too. It prints the ports that it got as JSON, and runs until it is killed.
 */
const [name = 'rs'] = process.argv.slice(2);

const web = http.createServer((_request, response) => {
  response.setHeader('x-real-server', name);
  response.end(`${name}\n`);
});
web.listen(0, '127.0.0.1');
await once(web, 'listening');

const dns = dgram.createSocket('udp4', (message, from) => {
  const question = dnsPacket.decode(message);
  const answer = dnsPacket.encode({
    type: 'response',
    id: question.id ?? 0,
    flags: dnsPacket.AUTHORITATIVE_ANSWER,
    questions: question.questions ?? [],
    answers: (question.questions ?? []).map((asked) => ({
      type: 'TXT',
      name: asked.name,
      ttl: 0,
      data: name,
    })),
  });
  dns.send(answer, from.port, from.address);
});
dns.bind(0, '127.0.0.1');
await once(dns, 'listening');

process.stdout.write(
  `${JSON.stringify({ http: (web.address() as AddressInfo).port, dns: dns.address().port })}\n`,
);
