import { type IpAddress, parseIpAddress } from '../../model/address.ts';
import { asPort, type Milliseconds, type Port } from '../../model/unit.ts';
import type { ProblemLog } from './problem-log.ts';
import { endOf, type Statement } from './statement.ts';
import type { Word } from './word.ts';

export const INT_MAX = 2 ** 31 - 1;
export const UINT_MAX = 2 ** 32 - 1;
/** Of a domain, in characters. */
const LONGEST_NAME = 255;
/** What a timer of Node.js can wait, in seconds: 24 days. */
const LONGEST_TIMER = Math.floor(INT_MAX / 1000);

/** The only word of a statement; told where it is missing, and where there are more. */
export function oneWord(statement: Statement, log: ProblemLog): Word | undefined {
  const [word] = statement.values;
  if (word === undefined) log.error(endOf(statement), `${statement.keyword.text} misses its value`);
  noMore(statement, 1, log);
  return word;
}

/** Tells of words behind the ones that a statement has: keepalived passes over them. */
export function noMore({ keyword, values }: Statement, most: number, log: ProblemLog): void {
  const extra = values[most];
  if (extra !== undefined) log.warn(extra.place, `${shown(extra.text)} has no meaning after ${keyword.text}`);
}

/** A whole number. */
export function wholeNumber(word: Word, least: number, most: number, log: ProblemLog): number | undefined {
  const value = /^\s*[+-]?[0-9]{1,20}$/.test(word.text) ? Number(word.text) : Number.NaN;
  if (value >= least && value <= most) return value;
  log.error(word, `must be a whole number from ${least} to ${most}, not ${shown(word.text)}`);
  return undefined;
}

/** The whole number that a statement gives. */
export function number(
  statement: Statement | undefined,
  least: number,
  most: number,
  log: ProblemLog,
): number | undefined {
  const word = statement && oneWord(statement, log);
  return word && wholeNumber(word, least, most, log);
}

/** A time in seconds, with fractions, in milliseconds: at least `least` of them. keepalived counts microseconds. */
export function timer(
  statement: Statement | undefined,
  least: 0 | 1,
  log: ProblemLog,
): Milliseconds | undefined {
  const word = statement && oneWord(statement, log);
  if (word === undefined) return undefined;
  const seconds = /^\s*\+?(?:[0-9]{1,20}(?:\.[0-9]*)?|\.[0-9]+)$/.test(word.text)
    ? Number(word.text)
    : Number.NaN;
  const range = least === 0 ? `from 0 to ${LONGEST_TIMER}` : `above 0 and up to ${LONGEST_TIMER}`;
  if (!(seconds <= LONGEST_TIMER) || (least === 1 && seconds === 0)) {
    log.error(word, `must be a time in seconds, ${range}, not ${shown(word.text)}`);
    return undefined;
  }
  return (seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000))) as Milliseconds;
}

/** `on`, `true`, `yes` or nothing; `off`, `false`, `no`. Undefined where there is no statement, or a wrong word. */
export function flag(statement: Statement | undefined, log: ProblemLog): boolean | undefined {
  if (statement === undefined) return undefined;
  noMore(statement, 1, log);
  const [word] = statement.values;
  if (word === undefined || ['on', 'true', 'yes'].includes(word.text)) return true;
  if (['off', 'false', 'no'].includes(word.text)) return false;
  log.error(word, `must be on, true, yes, off, false or no, not ${shown(word.text)}`);
  return undefined;
}

/** Whether a keyword without a value is there. */
export function present(statement: Statement | undefined, log: ProblemLog): boolean {
  if (statement !== undefined) noMore(statement, 0, log);
  return statement !== undefined;
}

export function text(statement: Statement | undefined, log: ProblemLog): string | undefined {
  return statement && oneWord(statement, log)?.text;
}

export function address(word: Word, log: ProblemLog): IpAddress | undefined {
  const parsed = parseIpAddress(word.text);
  if (parsed === undefined) {
    log.error(word, `must be an IPv4 or IPv6 address, not ${shown(word.text)}: names are not looked up`);
  }
  return parsed;
}

/** A port from 1; where zeros are taken for none, as keepalived does for servers, those are 0. */
export function port(word: Word, zero: 'refused' | 'none', log: ProblemLog): Port | undefined {
  if (zero === 'none' && /^0+$/.test(word.text)) return 0 as Port;
  const value = wholeNumber(word, 1, 65_535, log);
  return value === undefined ? undefined : asPort(value);
}

/** The name of a host, which goes into a request as it is written. */
export function hostName(statement: Statement | undefined, log: ProblemLog): string | undefined {
  const word = statement && oneWord(statement, log);
  if (word === undefined || (/^[\x21-\x7e]+$/.test(word.text) && word.text.length <= LONGEST_NAME))
    return word?.text;
  log.error(
    word,
    `must be a name without blanks, of at most ${LONGEST_NAME} characters, not ${shown(word.text)}`,
  );
  return undefined;
}

/** A value as a message shows it. */
export function shown(value: string): string {
  return value.length > 60 ? JSON.stringify(`${value.slice(0, 57)}...`) : JSON.stringify(value);
}
