/** A family as a text in Prometheus's format has it, for tests. */
export interface ParsedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ParsedSample[];
}

export interface ParsedSample {
  /** With the suffix that samples of histograms have. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** As it is written, for what a double cannot hold. */
  readonly text: string;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** Reads text format 0.0.4 as strictly as it can be read; throws what is wrong with the line. */
export function parseMetrics(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, ParsedFamily>();
  let help: RegExpExecArray | null = null;
  let samples: ParsedSample[] = [];
  let family: ParsedFamily | undefined;
  let seen = new Set<string>();
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    if (line.startsWith('# HELP ')) {
      help = /^# HELP (\S+) (.+)$/.exec(line);
      if (help === null) throw new Error(`bad HELP: ${line}`);
      continue;
    }
    if (line.startsWith('#')) {
      const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      if (!NAME.test(name) || !(type in SUFFIXES)) throw new Error(`bad TYPE: ${line}`);
      if (help?.[1] !== name) throw new Error(`TYPE without HELP before it: ${line}`);
      if (families.has(name)) throw new Error(`${name} is there twice`);
      samples = [];
      seen = new Set();
      family = { name, type, help: help[2] ?? '', samples };
      families.set(name, family);
      help = null;
      continue;
    }
    const sample = parseSample(line);
    if (family === undefined || help !== null) throw new Error(`a sample without TYPE: ${line}`);
    const { name, type } = family;
    const suffix = sample.name.startsWith(name) ? sample.name.slice(name.length) : undefined;
    if (suffix === undefined || !SUFFIXES[type]?.includes(suffix)) {
      throw new Error(`a sample of another family after ${name}: ${line}`);
    }
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seen.has(key)) throw new Error(`the same sample twice: ${line}`);
    if (type !== 'gauge' && sample.value < 0) throw new Error(`a ${type} below 0: ${line}`);
    seen.add(key);
    samples.push(sample);
  }
  return families;
}

function parseSample(line: string): ParsedSample {
  const head = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/s.exec(line);
  const [, name = '', inner, text = ''] = head ?? [];
  if (head === null || !NAME.test(name) || !VALUE.test(text)) throw new Error(`bad sample: ${line}`);
  const value = Number(text.replace('Inf', 'Infinity'));
  return { name, labels: inner === undefined ? {} : parseLabels(inner, line), value, text };
}

function parseLabels(inner: string, line: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const pair = /([^=]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?!$)|$)/y;
  while (pair.lastIndex < inner.length) {
    const [, name = '', value = ''] = pair.exec(inner) ?? [];
    if (!LABEL_NAME.test(name) || name in found) throw new Error(`bad labels: ${line}`);
    found[name] = value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  return found;
}
