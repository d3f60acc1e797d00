import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '../../src/model/address.ts';
import type { Program } from '../netns/lab/program.ts';
import type { TwoHosts } from './two-hosts.ts';

export interface EncapsulatorOptions {
  readonly tunnel: 'ipip' | 'gue' | 'gre';
  readonly outer: Family;
  /** Of GRE. */
  readonly checksum?: boolean;
}

const NUMBERS = { ipip: 1, gue: 2, gre: 3 } as const;

/** Makes the client send its packets to virtual addresses in a tunnel, as a director does. Ends with the program. */
export async function startEncapsulator(hosts: TwoHosts, options: EncapsulatorOptions): Promise<Program> {
  const object = join(hosts.directory, 'encapsulate.o');
  const complaint = compile(object);
  if (complaint !== undefined) throw new Error(complaint);
  const [{ ifindex }] = JSON.parse(await hosts.client.output(['ip', '-j', 'link', 'show', 'dev', 'eth0']));
  const constants = {
    tunnel: NUMBERS[options.tunnel],
    outer_inet6: options.outer === 'inet6',
    gre_checksum: options.checksum ?? false,
  };
  const script = join(import.meta.dirname, 'encapsulator-process.ts');
  const words = [process.execPath, script, `${ifindex}`, object, JSON.stringify(constants)];
  const program = hosts.client.start(words);
  while (!/attached/.test(program.stdout.toString())) {
    if (program.isOver) throw new Error(`the encapsulator ended: ${program.stderr}`);
    await sleep(5);
  }
  return program;
}

/** Why there can be no encapsulator here, for a skip; undefined where there can. */
export function encapsulatorUnavailable(): string | undefined {
  return compile('/dev/null');
}

function compile(output: string): string | undefined {
  const source = join(import.meta.dirname, 'encapsulate.bpf.c');
  const headers = `-I/usr/include/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`;
  for (const compiler of ['clang', 'clang-14']) {
    const flags = ['-O2', '-g', '-mcpu=v3', '-target', 'bpf', headers, '-c', source, '-o', output];
    const run = spawnSync(compiler, flags, { encoding: 'utf8' });
    if (run.status === 0) return undefined;
    if (run.error === undefined) return `needs the headers of Linux and libbpf: ${run.stderr}`;
  }
  return 'needs clang';
}
