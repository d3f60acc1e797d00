import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TerminalEmulator } from '../../../test/terminal/terminal-emulator.ts';
import { printTable } from './print-table.ts';
import type { Sample } from './sample.ts';
import { sampleOfTraffic } from './sample-of-traffic.ts';
import type { Size } from './screen.ts';
import { ENTER_SCREEN, LEAVE_SCREEN } from './screen-writer.ts';
import type { Terminal } from './terminal.ts';
import { watchTable } from './watch-table.ts';

/** A terminal whose keys a test presses. */
class FakeTerminal implements Terminal {
  readonly emulator = new TerminalEmulator(24, 80);
  suspended = 0;
  #size: Size = { columns: 80, rows: 24 };
  #onInput: (text: string) => void = () => undefined;
  #onResize: () => void = () => undefined;

  size(): Size {
    return this.#size;
  }

  write(text: string): void {
    this.emulator.write(text);
  }

  enter(onInput: (text: string) => void, onResize: () => void): void {
    this.#onInput = onInput;
    this.#onResize = onResize;
    this.write(ENTER_SCREEN);
  }

  leave(): void {
    this.write(LEAVE_SCREEN);
  }

  async suspend(): Promise<void> {
    this.suspended += 1;
  }

  press(keys: string): void {
    this.#onInput(keys);
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows };
    this.emulator.resize(rows, columns);
    this.#onResize();
  }

  line(index: number): string {
    return this.emulator.text().split('\n').at(index) ?? '';
  }
}

const SETTINGS = { interval: 2000, order: 'connections', filter: '', colour: true } as const;

/** Watches while `steps` happen, one after each look; looks are two seconds apart. */
async function watch(
  steps: readonly ((terminal: FakeTerminal) => void)[],
  look?: (seconds: number) => Promise<Sample>,
): Promise<FakeTerminal> {
  const terminal = new FakeTerminal();
  let seconds = -2;
  let step = 0;
  await watchTable(SETTINGS, {
    terminal,
    look: () => {
      seconds += 2;
      return (look ?? sampleOfTraffic)(seconds);
    },
    signal: new AbortController().signal,
    pause: async (_milliseconds, signal) => {
      const next = steps[step];
      step += 1;
      next?.(terminal);
      return next !== undefined && !signal.aborted;
    },
  });
  return terminal;
}

test('rates come with the second look; keys sort and filter at once; q ends and gives the terminal back', async () => {
  const terminal = await watch([
    (it) => {
      assert.equal(it.emulator.alternate, true);
      assert.match(it.line(1), /con\/s 21 /);
    },
    (it) => {
      assert.match(it.line(1), /con\/s 600 /);
      assert.match(it.line(3), /^udp/);
      it.press('n');
      assert.match(it.line(3), /^fwmark/);
      it.press('/tcp\r');
      assert.match(it.line(3), /^tcp/);
      assert.equal(it.line(6), '');
      it.press('q');
    },
  ]);
  const { alternate, cursorShown, wraps } = terminal.emulator;
  assert.deepEqual({ alternate, cursorShown, wraps }, { alternate: false, cursorShown: true, wraps: true });
});

test('another size is drawn at once', async () => {
  await watch([
    (it) => {
      it.resize(120, 40);
      assert.match(it.emulator.text(), /^udp \[2001:db8:1234:5678:9abc:def0:1234:5678\]:53 /m);
      assert.match(it.line(39), /^by connections/);
      it.resize(40, 6);
      assert.match(it.line(5), /^by connections/);
    },
  ]);
});

test('paused, it asks nobody and stays as it is', async () => {
  let looks = 0;
  await watch(
    [(it) => it.press(' '), () => undefined, (it) => assert.match(it.line(23), /^PAUSED/)],
    (seconds) => {
      looks += 1;
      return sampleOfTraffic(seconds);
    },
  );
  assert.equal(looks, 1);
});

test('a director that goes away is told, and one that comes back is shown', async () => {
  await watch(
    [
      () => undefined,
      (it) => assert.equal(it.line(1), 'No director is running'),
      (it) => assert.match(it.line(1), /^total/),
    ],
    (seconds) =>
      seconds === 2 ? Promise.reject(new Error('No director is running')) : sampleOfTraffic(seconds),
  );
});

test('where there is none at the beginning, the terminal is left alone', async () => {
  await assert.rejects(
    watch([], () => Promise.reject(new Error('No director is running'))),
    /No director/,
  );
});

test('an error gives the terminal back', async () => {
  let terminal: FakeTerminal | undefined;
  const failing = watch([
    (it) => {
      terminal = it;
      throw new Error('broken');
    },
  ]);
  await assert.rejects(failing, /broken/);
  assert.equal(terminal?.emulator.alternate, false);
});

test('Ctrl-Z suspends', async () => {
  const terminal = await watch([(it) => it.press('\u001a')]);
  assert.equal(terminal.suspended, 1);
});

test('without a terminal tables are printed, with whole names, or JSON, a line each', async () => {
  const print = async (json: boolean) => {
    let text = '';
    let seconds = -2;
    await printTable(
      { interval: 2000, count: 2, order: 'name', filter: 'tcp', json },
      {
        look: () => {
          seconds += 2;
          return sampleOfTraffic(seconds);
        },
        write: (piece) => {
          text += piece;
        },
        signal: new AbortController().signal,
        pause: async () => true,
      },
    );
    return text;
  };
  const [first = '', second = ''] = (await print(false)).split('\n\n');
  assert.equal(
    first.split('\n').slice(1).join('\n'),
    `service / destination   state  wght activ inact con/s  p/s>  p/s<  B/s>  B/s<
tcp 192.0.2.10:80                      21 24.7k   200  2.0k  1.6k  200k  6.0M
  10.0.0.9:80                     0    10 12.3k   100  1.0k   800  100k  3.0M
  10.0.0.11:80                    3    11 12.3k   200  2.0k  1.6k  200k  6.0M`,
  );
  assert.equal(second.trimEnd().split('\n').length, 5);
  const [json, , ...rest] = (await print(true)).split('\n');
  assert.deepEqual(rest, ['']);
  const { seconds, services } = JSON.parse(json ?? '');
  assert.deepEqual([seconds, services.length, services[0].traffic.connections], [2, 1, 200]);
});
