import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressBytes, type IpAddress } from '../../../src/model/address.ts';
import { BpfMap } from '../../../src/system/bpf/bpf-map.ts';
import { openPinned } from '../../../src/system/bpf/pin.ts';
import { serverAddress } from '../../../test/netns/lab/address.ts';
import type { Host } from '../../../test/netns/lab/host.ts';
import type { Lab } from '../../../test/netns/lab/lab.ts';
import { run } from '../../process-group.ts';
import { compileObject } from '../compile-object.ts';
import type { Attachment } from './attach-process.ts';
import type { Flood } from './flood-process.ts';

/** Where a flood goes and what has to arrive. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly arrivesAt: { readonly address: string; readonly port: number };
}

export const VIRTUAL_ADDRESS = '192.0.2.10';
export const SERVER_ADDRESS = serverAddress('inet', 1);

const FLOWS = 1024;
/** 10.1.64.0, in the network of the client. */
const FIRST_CLIENT = 0x0a01_4000;
const WARM_UP_SECONDS = 0.3;
const SECONDS = 1;
/** The flood runs on the first one, everything else that it causes on the other. */
const [SENDING_CPU, FORWARDING_CPU] = [0, 1];

/**
 * The client floods the director with frames that its processor has nothing else to do with, the director forwards on another processor,
 * and where its lan begins a program counts and drops what comes. Neither sender nor receiver have sockets.
 */
export class FloodLab {
  readonly #lab: Lab;
  readonly #object: string;
  #threads: readonly number[] = [];

  private constructor(lab: Lab) {
    this.#lab = lab;
    this.#object = join(lab.directory, 'forward.o');
  }

  /** The lab has GRO on, so that its devices take frames from XDP. */
  static async prepare(lab: Lab): Promise<FloodLab> {
    const flooded = new FloodLab(lab);
    writeFileSync(flooded.#object, compileObject('forward'));
    await flooded.#forwardOnOneCpu();
    await lab.director.output(['ping', '-c', '1', '-W', '2', SERVER_ADDRESS]);
    return flooded;
  }

  /** Packets that arrive as they should for each second of the forwarding processor's time; throws where others do. */
  async measure(target: Target): Promise<number> {
    const counter = await this.#attach(this.#lab.host('switch'), 'count', 'lan-lvs1', {
      expected_destination: addressWord(target.arrivesAt.address),
      expected_port: swapped(target.arrivesAt.port),
    });
    try {
      await this.#flood(target, WARM_UP_SECONDS);
      const before = counter.counts();
      assert.equal(before.wrong, 0, 'packets that arrived otherwise than they should');
      assert.ok(before.checked > 0, 'no packet arrived');
      const start = this.#processorTime();
      await this.#flood(target, SECONDS);
      const seconds = this.#processorTime() - start;
      const after = counter.counts();
      assert.equal(after.wrong, 0, 'packets that arrived otherwise than they should');
      return (after.right - before.right) / seconds;
    } finally {
      counter.detach();
    }
  }

  /** The bare forwarder by the FIB, at the director's side of the client. */
  attachForwarder(): Promise<{ detach(): void }> {
    return this.#attach(this.#lab.director, 'forward', 'eth0', {});
  }

  /** What makes the end of the lan a device that XDP can send to, while nothing is measured. */
  attachEnd(): Promise<{ detach(): void }> {
    return this.#attach(this.#lab.host('switch'), 'pass', 'lan-lvs1', {});
  }

  async #attach(
    host: Host,
    program: Attachment['program'],
    device: string,
    constants: Attachment['constants'],
  ): Promise<{ counts(): Counts; detach(): void }> {
    const linkPin = join(this.#lab.bpfFileSystem, `link-${program}`);
    const countsPin = join(this.#lab.bpfFileSystem, `counts-${program}`);
    const pins = program === 'count' ? { linkPin, countsPin } : { linkPin };
    const attachment: Attachment = { object: this.#object, program, constants, device, ...pins };
    await host.output([process.execPath, scriptOf('attach-process'), JSON.stringify(attachment)]);
    return {
      counts: () => readCounts(countsPin),
      detach: () => {
        for (const path of Object.values(pins)) rmSync(path, { force: true });
      },
    };
  }

  async #flood({ address, port }: Target, seconds: number): Promise<void> {
    const flood: Flood = {
      object: this.#object,
      device: 'eth0',
      seconds,
      macs: {
        source: await macOf(this.#lab.client, 'eth0'),
        destination: await macOf(this.#lab.director, 'eth0'),
      },
      constants: {
        destination: addressWord(address),
        destination_port: swapped(port),
        first_client: FIRST_CLIENT,
        flow_mask: FLOWS - 1,
      },
    };
    const words = ['taskset', '-c', String(SENDING_CPU), process.execPath, scriptOf('flood-process')];
    await this.#lab.client.output([...words, JSON.stringify(flood)], { limitMs: 20_000 });
  }

  /** The packets of the director's front are taken by a thread of their own, which can be kept on one processor. */
  async #forwardOnOneCpu(): Promise<void> {
    const before = new Set(threadsOfNapi());
    await this.#lab.director.shell('echo 1 >/sys/class/net/eth0/threaded');
    const threads = threadsOfNapi().filter((pid) => !before.has(pid));
    assert.notEqual(threads.length, 0, 'the kernel has no threaded NAPI (linux 5.12)');
    for (const pid of threads) run('taskset', ['-cp', String(FORWARDING_CPU), String(pid)]);
    this.#threads = threads;
  }

  /** Seconds that the forwarding threads had so far: what else runs on the machine is not in it. /proc/PID/schedstat is in nanoseconds. */
  #processorTime(): number {
    const times = this.#threads.map((pid) =>
      Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]),
    );
    return times.reduce((sum, time) => sum + time, 0) / 1e9;
  }
}

interface Counts {
  readonly right: number;
  readonly wrong: number;
  readonly checked: number;
}

/** `struct counts` of bpf/forward.bpf.c, summed up. */
function readCounts(path: string): Counts {
  const map = BpfMap.fromDescriptor(openPinned(path));
  try {
    const bytes = map.lookup(new Uint8Array(4));
    const words = new BigUint64Array(bytes?.buffer ?? new ArrayBuffer());
    const sum = (field: number) =>
      Number(words.reduce((whole, word, index) => (index % 3 === field ? whole + word : whole), 0n));
    return { right: sum(0), wrong: sum(1), checked: sum(2) };
  } finally {
    map.close();
  }
}

/** Kernel threads of NAPI, of whatever device. */
function threadsOfNapi(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && nameOf(pid).startsWith('napi/eth0-'));
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8');
  } catch {
    return '';
  }
}

async function macOf(host: Host, device: string): Promise<readonly number[]> {
  const text = await host.output(['cat', `/sys/class/net/${device}/address`]);
  return text
    .trim()
    .split(':')
    .map((octet) => Number.parseInt(octet, 16));
}

/** A `__be32` as the number that the same bytes are on this machine. */
function addressWord(address: string): number {
  const [word = 0] = new Uint32Array(addressBytes(address as IpAddress).slice().buffer);
  return word;
}

function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}

function scriptOf(name: string): string {
  return join(import.meta.dirname, `${name}.ts`);
}
