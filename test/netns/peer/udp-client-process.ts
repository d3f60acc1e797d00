import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { UdpAnswer, UdpQuestions } from './udp-client.ts';

const questions = JSON.parse(process.argv[2] ?? '') as UdpQuestions;
const answers: UdpAnswer[] = [];
let socket: Socket | undefined;
for (const text of questions.texts) {
  socket ??= await connected(questions);
  answers.push(await ask(socket, text, questions.limitMs ?? 1000));
  if (questions.apart) {
    socket.close();
    socket = undefined;
  }
}
socket?.close();
console.log(JSON.stringify(answers));

/** A connected socket, which is told of ICMP errors. */
async function connected({ server, port, from, fromPort }: UdpQuestions): Promise<Socket> {
  const made = createSocket(server.includes(':') ? 'udp6' : 'udp4');
  made.bind({ port: fromPort ?? 0, ...(from === undefined ? {} : { address: from }) });
  await once(made, 'listening');
  made.connect(port, server);
  await once(made, 'connect');
  return made;
}

async function ask(asking: Socket, text: string, limitMs: number): Promise<UdpAnswer> {
  const { promise, resolve } = Promise.withResolvers<UdpAnswer>();
  const limit = setTimeout(resolve, limitMs, null);
  const hear = (datagram: Buffer): void => resolve({ text: datagram.toString() });
  const fail = (error: NodeJS.ErrnoException): void => resolve({ error: error.code ?? error.message });
  asking.once('message', hear).once('error', fail);
  asking.send(text, (error) => {
    if (error !== null) fail(error);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(limit);
    asking.off('message', hear).off('error', fail);
  }
}
