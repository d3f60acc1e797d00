import type { SortOrder } from './arrange.ts';
import { rowsOf, type ServiceRow } from './row.ts';
import type { Sample } from './sample.ts';
import { drawScreen, extentOf, type Picture } from './screen.ts';
import { ScreenWriter } from './screen-writer.ts';
import type { Terminal } from './terminal.ts';
import { FIRST_VIEW, keysOf, press, type View } from './view.ts';

export interface WatchSettings {
  /** Milliseconds from one look to the next. */
  readonly interval: number;
  readonly order: SortOrder;
  readonly filter: string;
  readonly colour: boolean;
}

/** What the screen needs of the world. */
export interface WatchModules {
  readonly terminal: Terminal;
  readonly look: () => Promise<Sample>;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** Waits, in milliseconds; false where the signal came. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<boolean>;
}

/** Watches a director on a terminal until `q` or the signal. Throws what the first look throws; later ones are told on the screen. */
export async function watchTable(settings: WatchSettings, modules: WatchModules): Promise<void> {
  const { terminal, look, signal, pause } = modules;
  const first = await look();
  const quit = new AbortController();
  const ended = AbortSignal.any([signal, quit.signal]);
  const screen = new Screen(first, settings, terminal);
  terminal.enter(
    (input) => {
      for (const key of keysOf(input)) screen.press(key);
      if (screen.ended) quit.abort();
    },
    () => screen.redraw(),
  );
  try {
    screen.redraw();
    while (await pause(settings.interval, ended)) await screen.look(look);
  } finally {
    terminal.leave();
  }
}

class Screen {
  readonly #terminal: Terminal;
  readonly #writer: ScreenWriter;
  readonly #interval: number;
  #view: View;
  #sample: Sample;
  #rows: readonly ServiceRow[];
  #failure: string | undefined;

  constructor(first: Sample, { interval, order, filter, colour }: WatchSettings, terminal: Terminal) {
    this.#terminal = terminal;
    this.#writer = new ScreenWriter((text) => terminal.write(text), colour);
    this.#interval = interval;
    this.#view = { ...FIRST_VIEW, order, filter };
    this.#sample = first;
    this.#rows = rowsOf(first);
  }

  get ended(): boolean {
    return this.#view.ended;
  }

  /** What was seen while paused is not shown, and what passed meanwhile is the average of that time. */
  async look(ask: () => Promise<Sample>): Promise<void> {
    if (this.#view.paused) return;
    try {
      const sample = await ask();
      this.#rows = rowsOf(sample, this.#sample);
      this.#sample = sample;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
    if (!this.#view.paused) this.#draw();
  }

  press(key: string): void {
    if (key === 'ctrl-z') {
      void this.#terminal.suspend().then(() => this.redraw());
      return;
    }
    this.#view = press(this.#view, key, extentOf(this.#picture(), this.#view, this.#terminal.size()));
    if (key === 'ctrl-l') this.redraw();
    else if (!this.#view.ended) this.#draw();
  }

  redraw(): void {
    this.#writer.forget();
    this.#draw();
  }

  #draw(): void {
    const size = this.#terminal.size();
    this.#writer.draw(drawScreen(this.#picture(), this.#view, size), size);
  }

  #picture(): Picture {
    return {
      sample: this.#sample,
      rows: this.#rows,
      interval: this.#interval,
      ...(this.#failure !== undefined && { failure: this.#failure }),
    };
  }
}
