/** A line of `ipvsadm -Lcn`. */
export interface ConnectionLine {
  /** Protocol, state, client, virtual address, server. */
  readonly text: string;
  /** Protocol, client and virtual address. */
  readonly flow: string;
  readonly server: string;
  /** Until it expires. */
  readonly seconds: number;
}

export function connectionLines(list: string): ConnectionLine[] {
  return list
    .split('\n')
    .slice(2)
    .filter((line) => line !== '')
    .map((line) => {
      const [protocol = '', time = '', state = '', client = '', virtual = '', server = ''] = line.split(/ +/);
      const [minutes, seconds] = time.split(':').map(Number);
      return {
        text: `${protocol} ${state} ${client} ${virtual} ${server}`,
        flow: `${protocol} ${client} ${virtual}`,
        server,
        seconds: 60 * (minutes ?? 0) + (seconds ?? 0),
      };
    })
    .toSorted((one, other) => (one.text < other.text ? -1 : 1));
}

/** By how many seconds two entries may differ: they are read one after the other, and rounded. */
const TOLERANCE = 2;
/**
 * The kernel's timers go off up to an eighth of their time late, two seconds for a minute (kernel/time/timer.c), and the minute that a
 * template gets for its connections counts from then; in a few minutes that adds up.
 */
const TEMPLATE_TOLERANCE = 12;
const TEMPLATE_EXTENSION = 60;

/**
 * Lines that only one has, or whose times differ. What is about to expire may be gone at one; a template may have got its next minute
 * at one.
 */
export function compareConnections(
  kernel: readonly ConnectionLine[],
  vipr: readonly ConnectionLine[],
): string[] {
  const differences: string[] = [];
  const others = new Map<string, ConnectionLine[]>();
  for (const line of vipr) others.set(line.text, [...(others.get(line.text) ?? []), line]);
  for (const line of kernel) {
    const other = others.get(line.text)?.shift();
    if (other !== undefined) {
      if (!isSameTime(line, other)) differences.push(`~ ${line.text}: other times`);
    } else if (line.seconds > TOLERANCE) {
      differences.push(`- ${line.text}`);
    }
  }
  for (const rest of others.values())
    for (const { text, seconds } of rest) if (seconds > TOLERANCE) differences.push(`+ ${text}`);
  return differences;
}

function isSameTime(one: ConnectionLine, other: ConnectionLine): boolean {
  const apart = Math.abs(one.seconds - other.seconds);
  if (!/:0 \S+ \S+$/.test(one.text)) return apart <= TOLERANCE;
  return apart <= TEMPLATE_TOLERANCE || Math.abs(apart - TEMPLATE_EXTENSION) <= TEMPLATE_TOLERANCE;
}
