import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedNames } from '../../test/ipvsadm/fixed-names.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import type { Operation } from '../model/operation.ts';
import { runIpvsadm } from './run.ts';

/** Runs `-R` on these pieces of input; what is printed to both streams is kept in its order. */
async function restore(chunks: readonly string[], engine = new MemoryEngine()) {
  let printed = '';
  const print = (text: string): void => {
    printed += text;
  };
  const exitCode = await runIpvsadm(
    ['-R'],
    {
      stdin: async function* () {
        yield* chunks;
      },
      stdout: print,
      stderr: print,
    },
    { openEngine: async () => engine, names: fixedNames() },
  );
  const { services } = await engine.snapshot();
  return { exitCode, printed, services: services.length };
}

test('lines may be cut anywhere', async () => {
  const text = '-A -t 192.0.2.10:80\n\n  ipvsadm -A\t-t 192.0.2.10:81 \r\n-A -t 192.0.2.10:82';
  for (let at = 0; at <= text.length; at += 1) {
    assert.deepEqual(await restore([text.slice(0, at), text.slice(at)]), {
      exitCode: 0,
      printed: '',
      services: 3,
    });
  }
});

test('messages come in the order of the lines, and the last line says the exit code', async () => {
  const twice = '-A -t 192.0.2.10:80\n-A -t 192.0.2.10:80\n';
  assert.deepEqual(await restore([`${twice}-A -t 192.0.2.10:81 -w\n--set 1 2 3\n-L --timeout\n${twice}`]), {
    exitCode: 255,
    printed:
      'Service already exists\n-w: missing argument\nTimeout (tcp tcpfin udp): 1 2 3\n' +
      'Service already exists\nService already exists\n',
    services: 1,
  });
});

test('most mistakes end the run, with the lines before them carried out', async () => {
  const endings: Readonly<Record<string, readonly [number, string]>> = {
    garbage: [255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n"],
    '-R': [255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n"],
    '-D': [2, "You need to supply the 'service-address' option for the 'delete-service' command\n"],
    '-L -t 192.0.2.99:80': [1, 'No such service\n'],
    '-v': [0, 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n'],
  };
  for (const [line, [exitCode, printed]] of Object.entries(endings)) {
    const outcome = await restore([`-A -t 192.0.2.10:80\n${line}\n-A -t 192.0.2.10:81\n`]);
    assert.deepEqual(outcome, { exitCode, printed, services: 1 }, line);
  }
});

test('operations travel in batches', async () => {
  const engine = new MemoryEngine();
  const sizes: number[] = [];
  const execute = engine.execute.bind(engine);
  engine.execute = (operations: readonly Operation[]) => {
    sizes.push(operations.length);
    return execute(operations);
  };
  const lines = Array.from({ length: 2500 }, (_, index) => `-A -t 192.0.2.10:${index + 1}\n`).join('');
  assert.deepEqual(await restore([lines], engine), { exitCode: 0, printed: '', services: 2500 });
  assert.deepEqual(sizes, [1000, 1000, 500]);
});
