import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Measurement } from './benchmark.ts';
import { formatMeasurements } from './format-measurements.ts';

const SIZES = [10_000, 100_000, 1_000_000];
const READER = new URL('connection-list/read-connections.ts', import.meta.url).pathname;

export const connectionList: Benchmark = {
  name: 'connection-list',
  description: "Reading and printing the kernel's connection table: the memory must not grow with it.",
  async run() {
    const directory = mkdtempSync(join(tmpdir(), 'vipr-bench-'));
    try {
      return SIZES.flatMap((size) => measure(directory, size));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

function measure(directory: string, size: number): Measurement[] {
  writeTable(join(directory, 'ip_vs_conn'), size);
  const report = execFileSync(process.execPath, [READER, directory], { encoding: 'utf8' });
  const { entries, megabytes, seconds } = JSON.parse(report) as Record<
    'entries' | 'megabytes' | 'seconds',
    number
  >;
  if (entries !== size) throw new Error(`${entries} of ${size} entries were read`);
  const figure = (name: string, value: number, unit: string): Measurement => ({
    name: `${size} entries: ${name}`,
    value,
    unit,
    samples: 1,
    quartiles: [value, value],
  });
  return [figure('peak memory', megabytes, 'MB'), figure('time', seconds, 's')];
}

/** A file as /proc/net/ip_vs_conn would be. */
function writeTable(path: string, size: number): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n');
    const hex = (value: number, digits: number): string =>
      value.toString(16).toUpperCase().padStart(digits, '0');
    for (let at = 0; at < size; at += 1000) {
      let text = '';
      for (let entry = at; entry < at + 1000; entry++) {
        const client = hex(0x0a000000 + Math.floor(entry / 60_000), 8);
        const server = hex(0x0a020000 + (entry % 16), 8);
        text += `TCP ${client} ${hex(1024 + (entry % 60_000), 4)} C000020A 0050 ${server} 0050 ESTABLISHED     894\n`;
      }
      writeSync(file, text);
    }
  } finally {
    closeSync(file);
  }
}

if (import.meta.main) {
  console.log(connectionList.description);
  process.stdout.write(formatMeasurements(await connectionList.run()));
}
