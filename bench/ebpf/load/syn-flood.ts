import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressBytes, type IpAddress } from '../../../src/model/address.ts';
import type { Host } from '../../../test/netns/lab/host.ts';
import type { Lab } from '../../../test/netns/lab/lab.ts';
import { compileObject } from '../compile-object.ts';
import type { Flood } from '../forward/flood-process.ts';

/** 198.18.0.0/15 (RFC 2544) is for benchmarks; the client of the lab throws away what is sent there. */
const FIRST_CLIENT = 0xc612_0000;
const CLIENTS_PREFIX = '198.18.0.0/15';
const MOST_SECONDS = 30;
const SCRIPT = new URL('../forward/flood-process.ts', import.meta.url).pathname;

export interface SynFlood {
  readonly address: string;
  readonly port: number;
  readonly packets: number;
  readonly packetsPerSecond: number;
}

/** Has answers to the invented clients end at the client. */
export async function prepareSynFlood(lab: Lab): Promise<void> {
  await lab.director.output(['ip', 'route', 'replace', CLIENTS_PREFIX, 'via', '10.1.0.2']);
  writeFileSync(objectOf(lab), compileObject('syn-flood'));
}

/** SYNs of one client each, which never say anything more; resolves when all were sent. */
export async function floodWithSyns(
  lab: Lab,
  { address, port, packets, packetsPerSecond }: SynFlood,
): Promise<void> {
  const [destination = 0] = new Uint32Array(addressBytes(address as IpAddress).slice().buffer);
  const flood: Flood = {
    object: objectOf(lab),
    device: 'eth0',
    seconds: MOST_SECONDS,
    frames: packets,
    framesPerSecond: packetsPerSecond,
    macs: { source: await macOf(lab.client), destination: await macOf(lab.director) },
    constants: {
      destination,
      destination_port: ((port & 0xff) << 8) | (port >> 8),
      first_client: FIRST_CLIENT,
    },
  };
  await lab.client.output([process.execPath, SCRIPT, JSON.stringify(flood)], {
    limitMs: 1000 * (MOST_SECONDS + 10),
  });
}

function objectOf(lab: Lab): string {
  return join(lab.directory, 'syn-flood.o');
}

async function macOf(host: Host): Promise<readonly number[]> {
  const text = await host.output(['cat', '/sys/class/net/eth0/address']);
  return text
    .trim()
    .split(':')
    .map((octet) => Number.parseInt(octet, 16));
}
