import { arrange, type SortOrder } from './arrange.ts';
import { ColumnLayout, nameOf, type Row } from './columns.ts';
import type { ServiceRow } from './row.ts';
import type { Sample } from './sample.ts';
import { shortNumber } from './short-number.ts';
import { sumOfTraffic } from './traffic.ts';
import type { Extent, View } from './view.ts';

/** How a line looks: the head of the list, a service, what fails, what is said at the side. */
export type LineStyle = 'plain' | 'head' | 'service' | 'bad' | 'dim';

export interface ScreenLine {
  readonly text: string;
  readonly style: LineStyle;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Picture {
  readonly sample: Sample;
  readonly rows: readonly ServiceRow[];
  /** Milliseconds from one look at the director to the next. */
  readonly interval: number;
  /** Why the last look failed. */
  readonly failure?: string;
}

/** Lines around the list: two at the top, the head, and one at the bottom. */
const FRAME = 4;
const KEYS = 'q quit  c p b a n sort  / filter  space pause  arrows scroll';

const TITLES: Readonly<Record<SortOrder, string>> = {
  connections: 'connections/s',
  packets: 'packets/s',
  bytes: 'bytes/s',
  active: 'active connections',
  name: 'name',
};

/** How many rows the list has, and how many of them the screen shows. */
export function extentOf({ rows }: Picture, view: View, { rows: height }: Size): Extent {
  return { rows: flatten(arrange(rows, view.order, view.filter)).length, page: Math.max(1, height - FRAME) };
}

/** The whole screen, every line within it. */
export function drawScreen(picture: Picture, view: View, size: Size): ScreenLine[] {
  const all = flatten(arrange(picture.rows, view.order, view.filter));
  const { page } = extentOf(picture, view, size);
  const offset = Math.max(0, Math.min(view.offset, all.length - page));
  const shown = all.slice(offset, offset + page);
  const layout = new ColumnLayout(size.columns, all.map(nameOf));
  const body = shown.map((row): ScreenLine => ({ text: layout.line(row), style: styleOf(row) }));
  if (all.length === 0) body.push({ text: emptyText(view), style: 'dim' });
  const blank = Array.from(
    { length: Math.max(0, page - body.length) },
    (): ScreenLine => ({ text: '', style: 'plain' }),
  );
  const lines: ScreenLine[] = [
    {
      text: spread(title(picture, size), new Date(picture.sample.time).toTimeString().slice(0, 8), size),
      style: 'plain',
    },
    picture.failure === undefined
      ? { text: totals(picture.rows), style: 'plain' }
      : { text: picture.failure.replaceAll('\n', ' '), style: 'bad' },
    { text: layout.head.padEnd(size.columns), style: 'head' },
    ...body,
    ...blank,
    { text: spread(mode(view), position(all.length, offset, shown.length), size), style: 'dim' },
  ];
  return lines.slice(0, size.rows).map(({ text, style }) => ({ text: text.slice(0, size.columns), style }));
}

function flatten(services: readonly ServiceRow[]): Row[] {
  return services.flatMap((service) => [service, ...service.destinations]);
}

function styleOf(row: Row): LineStyle {
  if (row.state === 'DOWN' || row.state === 'FAULT') return 'bad';
  return 'service' in row ? 'service' : 'plain';
}

/** Of VRRP it tells where there is some; where the line has no room, the interval is what goes first. */
function title({ sample, rows, interval }: Picture, { columns }: Size): string {
  const destinations = rows.reduce((sum, row) => sum + row.destinations.length, 0);
  const counts = `services ${rows.length}, destinations ${destinations}`;
  const head = `vipr top: engine ${sample.engine.name}, ${counts}`;
  const every = `every ${interval / 1000} s`;
  const states = vrrpStates(sample);
  const choices = [
    [head, ...states, every],
    [head, ...states],
  ].map((parts) => parts.join(', '));
  const room = columns - ' 00:00:00'.length;
  return choices.find((text) => text.length <= room) ?? `${head}, ${every}`;
}

/** `VRRP master`, or where instances differ what matters most: `VRRP fault 1 of 3`, `VRRP master 2 of 3`. */
function vrrpStates({ vrrp }: Sample): string[] {
  const states = (vrrp?.instances ?? []).map(({ state }) => state);
  const [worst] = (['fault', 'master', 'backup', 'initialize'] as const).filter((each) =>
    states.includes(each),
  );
  if (worst === undefined) return [];
  const count = states.filter((state) => state === worst).length;
  return [count === states.length ? `VRRP ${worst}` : `VRRP ${worst} ${count} of ${states.length}`];
}

function totals(rows: readonly ServiceRow[]): string {
  const { connections, inPackets, outPackets, inBytes, outBytes } = sumOfTraffic(
    rows.map((row) => row.traffic),
  );
  const active = rows.reduce((sum, row) => sum + row.activeConnections, 0);
  const inactive = rows.reduce((sum, row) => sum + row.inactiveConnections, 0);
  const [pIn, pOut, bIn, bOut] = [inPackets, outPackets, inBytes, outBytes].map(shortNumber);
  const rates = `con/s ${shortNumber(connections)}  p/s > ${pIn} < ${pOut}  B/s > ${bIn} < ${bOut}`;
  return `total active ${shortNumber(active)} inactive ${shortNumber(inactive)}  ${rates}`;
}

function mode({ typing, filter, order, paused }: View): string {
  if (typing) return `filter: ${filter}_  (Enter keeps it, Esc clears it)`;
  const parts = [
    ...(paused ? ['PAUSED'] : []),
    `by ${TITLES[order]}`,
    ...(filter === '' ? [] : [`filter ${filter}`]),
  ];
  return `${parts.join(', ')}  ${KEYS}`;
}

function emptyText({ filter }: View): string {
  return filter === '' ? 'no services' : `nothing contains ${filter}`;
}

/** `3-20 of 41` where not everything is shown. */
function position(all: number, offset: number, shown: number): string {
  return shown === all ? '' : `${offset + 1}-${offset + shown} of ${all}`;
}

/** The first text at the left end, the other at the right one, which is always there. */
function spread(left: string, right: string, { columns }: Size): string {
  const room = columns - right.length - (right === '' ? 0 : 1);
  return room < 1 ? left : `${left.slice(0, room).padEnd(room)}${right === '' ? '' : ` ${right}`}`;
}
