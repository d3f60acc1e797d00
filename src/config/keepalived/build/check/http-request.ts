import type { BodyPattern, HttpRequest } from '../../../../model/check.ts';
import { PCRE_OPTIONS, translatePcre } from '../../pcre/translate-pcre.ts';
import type { ProblemLog } from '../../problem-log.ts';
import { quotedWords } from '../../quoted-words.ts';
import { Settings } from '../../settings.ts';
import { endOf, type Statement } from '../../statement.ts';
import { hostName, number, oneWord, present, shown } from '../../value.ts';
import { noMoreQuoted } from './no-more-quoted.ts';

/** Bytes of a body that offsets may name. */
const LARGEST_OFFSET = 2 ** 30;
/** Bytes of a request's path. */
const LONGEST_PATH = 8192;
/** keepalived's check_http.h, HTTP_STATUS_CODE_MIN and _MAX. */
const [LEAST_STATUS, LARGEST_STATUS] = [100, 599];

/** A `url` block; `virtualHost` is the checker's. Undefined where it is wrong. */
export function httpRequest(
  url: Statement,
  virtualHost: string | undefined,
  log: ProblemLog,
): HttpRequest | undefined {
  const settings = new Settings(url.body ?? [], log);
  const path = requestPath(settings.last('path'), url, log);
  const host = hostName(settings.last('virtualhost'), log) ?? virtualHost;
  const digest = md5(settings.first('digest'), log);
  const status = settings.all('status_code').flatMap((statement) => statusRanges(statement, log));
  const body = bodyPattern(settings, log);
  if (path === undefined) return undefined;
  return {
    path,
    method: 'GET',
    ...(host !== undefined && { virtualHost: host }),
    status,
    ...(digest !== undefined && { digest: { algorithm: 'md5' as const, value: digest } }),
    ...(body !== undefined && { body }),
  };
}

function requestPath(statement: Statement | undefined, url: Statement, log: ProblemLog): string | undefined {
  if (statement === undefined) {
    log.error(url.keyword.place, 'url misses its path');
    return undefined;
  }
  const word = oneWord(statement, log);
  if (word === undefined) return undefined;
  // A request line holds visible ASCII (RFC 9112 section 3.2).
  if (/^\/[\x21-\x7e]*$/.test(word.text) && word.text.length <= LONGEST_PATH) return word.text;
  log.error(
    word,
    `must begin with / and have neither blanks nor special characters, not ${shown(word.text)}`,
  );
  return undefined;
}

function md5(statement: Statement | undefined, log: ProblemLog): string | undefined {
  const word = statement && oneWord(statement, log);
  if (word === undefined) return undefined;
  if (/^[0-9a-f]{32}$/i.test(word.text)) return word.text.toLowerCase();
  log.error(word, `must be the 32 hexadecimal digits of an MD5 digest, not ${shown(word.text)}`);
  return undefined;
}

/** `200`, `200-299`. */
function statusRanges(statement: Statement, log: ProblemLog): (readonly [number, number])[] {
  if (statement.values.length === 0) log.error(endOf(statement), 'status_code misses its codes');
  return statement.values.flatMap((word) => {
    const [, first, last = first] = /^([0-9]{1,3})(?:-([0-9]{1,3}))?$/.exec(word.text) ?? [];
    const range = [Number(first), Number(last)] as const;
    if (range[0] >= LEAST_STATUS && range[1] <= LARGEST_STATUS && range[0] <= range[1]) return [range];
    log.error(
      word,
      `must be a code from ${LEAST_STATUS} to ${LARGEST_STATUS}, or a range such as 200-299, not ${shown(word.text)}`,
    );
    return [];
  });
}

function bodyPattern(settings: Settings, log: ProblemLog): BodyPattern | undefined {
  const regex = settings.last('regex');
  const absent = present(settings.last('regex_no_match'), log);
  const minOffset = number(settings.last('regex_min_offset'), 0, LARGEST_OFFSET, log);
  const maxOffset = number(settings.last('regex_max_offset'), 0, LARGEST_OFFSET, log);
  const options = regexOptions(settings.all('regex_options'), log);
  if (regex === undefined) {
    for (const name of ['regex_no_match', 'regex_min_offset', 'regex_max_offset', 'regex_options']) {
      const place = settings.all(name)[0]?.keyword.place;
      if (place !== undefined) log.warn(place, `${name} has no effect without regex`);
    }
    return undefined;
  }
  const pattern = regularExpression(regex, options, log);
  if (minOffset !== undefined && maxOffset !== undefined && minOffset > maxOffset) {
    log.error(regex.keyword.place, `regex_min_offset ${minOffset} is behind regex_max_offset ${maxOffset}`);
  }
  if (pattern === undefined) return undefined;
  return {
    pattern,
    absent,
    ...(minOffset !== undefined && { minOffset }),
    ...(maxOffset !== undefined && { maxOffset }),
  };
}

function regexOptions(statements: readonly Statement[], log: ProblemLog): ReadonlySet<string> {
  const words = statements.flatMap(({ values }) => values);
  for (const { text: option, place } of words) {
    const meaning = Object.hasOwn(PCRE_OPTIONS, option) ? PCRE_OPTIONS[option] : undefined;
    if (meaning === undefined) log.error(place, `${shown(option)} is not an option of regular expressions`);
    else if (meaning === 'refused')
      log.error(place, `${option} cannot be translated: write the pattern without it`);
  }
  return new Set(words.map(({ text: option }) => option));
}

function regularExpression(
  statement: Statement,
  options: ReadonlySet<string>,
  log: ProblemLog,
): RegExp | undefined {
  const words = quotedWords(statement.line, true);
  if ('message' in words) {
    log.error(words.place, words.message);
    return undefined;
  }
  const [, pattern, ...extra] = words;
  if (pattern === undefined) {
    log.error(endOf(statement), 'regex misses its pattern');
    return undefined;
  }
  noMoreQuoted(extra, 'regex', log);
  const translated = translatePcre(pattern.text, options);
  if (translated instanceof RegExp) return translated;
  log.error(pattern.place, `${shown(pattern.text)} ${translated.reason}`);
  return undefined;
}
