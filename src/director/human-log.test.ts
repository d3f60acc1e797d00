import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { HumanLog } from './human-log.ts';

function written(log: (logger: pino.Logger) => void): string {
  const lines: string[] = [];
  log(pino({ base: null }, new HumanLog({ write: (line) => lines.push(line) })));
  return lines.join('');
}

test('a line has the time of day, the level, the message, and what else is known', () => {
  const text = written((logger) =>
    logger.error({ code: 'ADDRESS_IN_USE', hint: 'Free it.', workers: 2 }, 'no luck'),
  );
  assert.match(text, /^\d\d:\d\d:\d\d\.\d{3} ERROR no luck code=ADDRESS_IN_USE hint="Free it." workers=2\n$/);
});

test('the operation of a change is told by its message already', () => {
  assert.match(
    written((logger) => logger.info({ operation: 'flush' }, 'flush all services')),
    /^\S+ info {2}flush all services\n$/,
  );
});

test('an error is written with its stack', () => {
  assert.match(
    written((logger) => logger.error({ err: new TypeError('a mistake') }, 'API')),
    /err=\n {2}TypeError: a mistake\n +at /,
  );
});
