import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixedNames } from '../../test/ipvsadm/fixed-names.ts';
import type { Operation } from '../model/operation.ts';
import { LineShapes } from './line-shapes.ts';
import { parseCommand } from './parse.ts';

async function parsed(line: string): Promise<Operation> {
  const command = await parseCommand(line.split(/[ \t\r]+/).filter(Boolean), fixedNames());
  return command.kind === 'operation' ? command.operation : assert.fail(line);
}

/** Shapes that were learnt from these lines. */
async function learnt(...lines: readonly string[]): Promise<LineShapes> {
  const shapes = new LineShapes();
  for (const line of lines) shapes.learn(line, await parsed(line));
  return shapes;
}

describe('LineShapes', () => {
  test('reads lines that differ in addresses and ports as the parser does', async () => {
    const examples: Readonly<Record<string, readonly string[]>> = {
      '-A -t 192.0.2.10:80 -s wlc': ['-A -t 192.0.2.11:65535 -s wlc', '-A -t 0.0.0.0:1 -s wlc'],
      '-E -u 192.0.2.10:53 -p 60 -M 255.255.0.0 -o': ['-E -u 10.9.8.7:54 -p 60 -M 255.255.0.0 -o'],
      '-D -t 192.0.2.10:80': ['-D -t 192.0.2.11:8080'],
      '-a -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 3': [
        '-a -t 192.0.2.10:80 -r 10.0.0.2:80 -m -w 3',
        '-a -t 192.0.2.99:81 -r 192.0.2.99:81 -m -w 3',
      ],
      '-a -t 192.0.2.10:80 -r 10.0.0.2:8080 -m -w 3': ['-a -t 192.0.2.11:80 -r 10.0.0.2:81 -m -w 3'],
      '  -e\t--tcp-service 192.0.2.10:80 --real-server 10.0.0.1:80 -i\r': [
        '  -e\t--tcp-service 192.0.2.12:90 --real-server 10.0.0.9:90 -i\r',
      ],
      '-d -t 192.0.2.10:80 -r 10.0.0.1:80': ['-d -t 192.0.2.10:80 -r 10.0.0.3:80'],
    };
    const shapes = await learnt(...Object.keys(examples));
    for (const line of Object.entries(examples).flatMap(([first, others]) => [first, ...others])) {
      assert.deepEqual(shapes.operationOf(line), await parsed(line), line);
    }
  });

  test('leaves lines to the parser that may mean something else', async () => {
    const shapes = await learnt('-A -t 192.0.2.10:80 -s wlc', '-a -t 192.0.2.10:80 -r 10.0.0.1:80 -m');
    for (const line of [
      '-A -t 192.0.2.10:0 -s wlc',
      '-A -t 192.0.2.10:080 -s wlc',
      '-A -t 192.0.2.10:65536 -s wlc',
      '-A -t 192.0.2.256:80 -s wlc',
      '-A -t 192.0.02.10:80 -s wlc',
      '-A -t 192.0.2:80 -s wlc',
      '-A -t 192.0.2.10.1:80 -s wlc',
      '-A -t 192.0.2.10:80:80 -s wlc',
      '-A -t 192.0.2.10: -s wlc',
      '-A -t 192.0.2.10 -s wlc',
      '-A -t [2001:db8::1]:80 -s wlc',
      '-A -t 192.0.2.10:80 -p -s wlc',
      '-A -t  192.0.2.10:80 -s wlc',
      '-A -t 192.0.2.10:80',
      '-A -t ',
      '-A -t -s wlc',
      '-a -t 192.0.2.10:80 -m',
      '-a -t 192.0.2.10:80 -r 10.0.0.1 -m',
      '-a -t 192.0.2.10:80 -r -m',
      // -m keeps the port, -g would not: whoever learnt from equal ports does not know.
      '-a -t 192.0.2.10:80 -r 10.0.0.1:81 -m',
      '-a -t 192.0.2.10:80 -r 10.0.0.1:80 -r 10.0.0.2:80 -m',
      '',
    ]) {
      assert.equal(shapes.operationOf(line), undefined, line);
    }
  });

  test('learns no shape where the addresses cannot be told apart or are not all', async () => {
    for (const line of [
      '-A -t 192.0.2.10:80 -s 192.0.2.10:80',
      '-a -t 192.0.2.10:80 -r 192.0.2.10:80',
      '-a -r 10.0.0.1:80 -t 192.0.2.10:80',
      '-a -t 192.0.2.10:80 -r 10.0.0.1',
      '-A -t192.0.2.10:80',
      '-A -f 3',
      '-A -t [2001:db8::1]:80',
      '-Z -t 192.0.2.10:80',
    ]) {
      const shapes = await learnt(line);
      assert.equal(shapes.operationOf(line), undefined, line);
    }
  });

  test('remembers the shapes that were used last', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, weight) => `-a -t 192.0.2.10:80 -r 10.0.0.1:80 -w ${weight}`,
    );
    const shapes = await learnt(...lines);
    assert.equal(shapes.operationOf(lines[0] ?? ''), undefined);
    assert.deepEqual(shapes.operationOf(lines[39] ?? ''), await parsed(lines[39] ?? ''));
  });
});

test('a destination has the port that its method gives it', async () => {
  for (const method of ['', ' -g', ' -i', ' -m']) {
    const shapes = await learnt(`-a -t 192.0.2.10:80 -r 10.0.0.1:80${method}`);
    for (const port of [80, 81]) {
      const line = `-a -t 192.0.2.11:80 -r 10.0.0.2:${port}${method}`;
      assert.deepEqual(shapes.operationOf(line) ?? (await parsed(line)), await parsed(line), line);
    }
  }
});
