import type { DirectorEvent } from '../api/operated-director.ts';
import { type CommandContext, showsColour } from './command-context.ts';
import { Interruption } from './interruption.ts';
import type { OperatedClient } from './operated-client.ts';

export interface EventsRequest {
  readonly follow?: true;
  readonly after: number;
  readonly json?: true;
}

/** Shows events until there are no more, or until Ctrl-C. */
export async function showEvents(
  client: Pick<OperatedClient, 'events' | 'followEvents'>,
  { follow, after, json }: EventsRequest,
  context: Pick<CommandContext, 'stdout' | 'isTerminal' | 'env'>,
): Promise<void> {
  const colour = showsColour(context);
  const show = (event: DirectorEvent) =>
    context.stdout(json ? `${JSON.stringify(event)}\n` : formatEvent(event, colour));
  if (!follow) {
    for (const event of await client.events(after)) show(event);
    return;
  }
  using interruption = new Interruption();
  const events = client.followEvents(after)[Symbol.asyncIterator]();
  const ended = new Promise<undefined>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  for (;;) {
    const next = await Promise.race([events.next(), ended]);
    // What is still awaited fails when the client is closed; nobody waits for that.
    if (next === undefined || next.done) return;
    show(next.value);
  }
}

/** `12 2026-01-02 03:04:05 destination  tcp 192.0.2.10:80 -> 10.0.0.11:80 is down: connection refused (uid 0)`, in local time. */
export function formatEvent({ id, time, kind, text, state, actor }: DirectorEvent, colour: boolean): string {
  const by = actor === undefined ? '' : ` (${actor})`;
  const line = `${String(id).padStart(4)}  ${localTime(new Date(time))}  ${kind.padEnd(12)}  ${text}${by}`;
  // ECMA-48, SGR: red for what is down, green for what is up.
  const code = state === 'down' ? 31 : state === 'up' ? 32 : undefined;
  return colour && code !== undefined ? `\u001b[${code}m${line}\u001b[0m\n` : `${line}\n`;
}

/** `2026-01-02 03:04:05` */
function localTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
