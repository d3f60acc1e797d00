import type { SortOrder } from './arrange.ts';

/** What whoever watches has chosen. */
export interface View {
  readonly order: SortOrder;
  readonly filter: string;
  /** Whether the filter is being typed. */
  readonly typing: boolean;
  readonly paused: boolean;
  /** Rows that are scrolled away at the top. */
  readonly offset: number;
  readonly ended: boolean;
}

export const FIRST_VIEW: View = {
  order: 'connections',
  filter: '',
  typing: false,
  paused: false,
  offset: 0,
  ended: false,
};

/** How many rows there are, and how many the screen shows. */
export interface Extent {
  readonly rows: number;
  readonly page: number;
}

/** A key as {@link keysOf} names it changes the view; other keys change nothing. */
export function press(view: View, key: string, { rows, page }: Extent): View {
  if (key === 'ctrl-c') return { ...view, ended: true };
  if (view.typing) return type(view, key);
  const order = ORDERS[key];
  if (order !== undefined) return { ...view, order, offset: 0 };
  const scrollTo = (offset: number) => ({ ...view, offset: Math.max(0, Math.min(offset, rows - page)) });
  switch (key) {
    case 'q':
      return { ...view, ended: true };
    case '/':
      return { ...view, typing: true };
    case 'escape':
      return { ...view, filter: '', offset: 0 };
    case ' ':
      return { ...view, paused: !view.paused };
    case 'up':
    case 'k':
      return scrollTo(view.offset - 1);
    case 'down':
    case 'j':
      return scrollTo(view.offset + 1);
    case 'page-up':
      return scrollTo(view.offset - page);
    case 'page-down':
      return scrollTo(view.offset + page);
    case 'home':
      return scrollTo(0);
    case 'end':
      return scrollTo(rows);
    default:
      return view;
  }
}

const ORDERS: Readonly<Record<string, SortOrder | undefined>> = {
  c: 'connections',
  p: 'packets',
  b: 'bytes',
  a: 'active',
  n: 'name',
};

function type(view: View, key: string): View {
  if (key === 'enter') return { ...view, typing: false };
  if (key === 'escape') return { ...view, typing: false, filter: '', offset: 0 };
  if (key === 'backspace') return { ...view, filter: view.filter.slice(0, -1), offset: 0 };
  return key.length === 1 ? { ...view, filter: view.filter + key, offset: 0 } : view;
}

/** What a terminal in raw mode sends, as names: printable ASCII as it is, `up`, `page-down`, `escape`, `ctrl-c`; the rest is dropped. */
export function keysOf(input: string): string[] {
  const keys: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters.
  for (const [text] of input.matchAll(/\u001b(?:\[|O)[0-9;?]*[ -/]*[@-~]|[\s\S]/g)) {
    const name = NAMED_KEYS[text] ?? (/^[ -~]$/.test(text) ? text : undefined);
    if (name !== undefined) keys.push(name);
  }
  return keys;
}

/** As xterm and its relatives send them, in normal and in application mode. */
const NAMED_KEYS: Readonly<Record<string, string>> = {
  '\u0003': 'ctrl-c',
  '\u001a': 'ctrl-z',
  '\u000c': 'ctrl-l',
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'escape',
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  '\u001b[5~': 'page-up',
  '\u001b[6~': 'page-down',
  '\u001b[H': 'home',
  '\u001bOH': 'home',
  '\u001b[1~': 'home',
  '\u001b[F': 'end',
  '\u001bOF': 'end',
  '\u001b[4~': 'end',
};
