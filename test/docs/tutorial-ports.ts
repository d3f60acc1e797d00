import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

/** Ports that the documents use; all have four digits, so that columns stay where they are when others take their place. */
const FIRST = 8000;
const PORTS = [FIRST, 8053, 8080, 8081];
/** What is added to each until all of them are free: below the range of ephemeral ports, which begins at 32768. */
const OFFSETS = Array.from({ length: 19 }, (_, index) => index * 100);

/** Ports to run a document on: its own where they are free. */
export interface TutorialPorts {
  /** The text with the document's ports replaced by these. */
  substitute(text: string): string;
  release(): void;
}

/** Finds free ports and keeps them from other runs of this test. Throws where there are none. */
export async function claimPorts(): Promise<TutorialPorts> {
  for (const offset of OFFSETS) {
    const lock = await claim(offset);
    if (lock === undefined) continue;
    return {
      substitute: (text) =>
        text.replace(new RegExp(`\\b(?:${PORTS.join('|')})\\b`, 'g'), (port) =>
          String(Number(port) + offset),
        ),
      release: () => lock.close(),
    };
  }
  throw new Error(`none of ${PORTS.join(', ')} is free on this machine, nor 100, 200, … up to 1800 above`);
}

/** Listens where no document does for as long as the ports are used: another run then finds the first port taken. */
async function claim(offset: number): Promise<net.Server | undefined> {
  for (const port of PORTS) {
    const free =
      (await isFree(listenTcp(port + offset, '0.0.0.0'))) && (await isFree(bindUdp(port + offset)));
    if (!free) return undefined;
  }
  return listenTcp(FIRST + offset, '127.255.255.254').catch(() => undefined);
}

async function isFree(opening: Promise<{ close(): unknown }>): Promise<boolean> {
  try {
    (await opening).close();
    return true;
  } catch {
    return false;
  }
}

async function listenTcp(port: number, address: string): Promise<net.Server> {
  const server = net.createServer().listen({ port, host: address });
  await once(server, 'listening');
  return server;
}

async function bindUdp(port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket('udp4').bind(port, '0.0.0.0');
  await once(socket, 'listening');
  return socket;
}
