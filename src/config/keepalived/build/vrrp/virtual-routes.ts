import { type IpAddress, parseIpAddress } from '../../../../model/address.ts';
import type { VirtualRoute, VirtualRule } from '../../../../model/vrrp.ts';
import { type AddressPrefix, parseAddressPrefix } from '../../../address-prefix.ts';
import { givenOf } from '../../../given-of.ts';
import type { ProblemLog } from '../../problem-log.ts';
import type { Entry, Statement } from '../../statement.ts';
import { shown, UINT_MAX } from '../../value.ts';
import type { Word } from '../../word.ts';
import { scopeOf } from './virtual-addresses.ts';
import { interfaceWord } from './vrrp-value.ts';

/** iproute2's rt_tables. */
const TABLES: Readonly<Record<string, number>> = { default: 253, main: 254, local: 255 };

/** What is read of a line, word by word. */
class Line {
  readonly #words: readonly Word[];
  readonly #log: ProblemLog;
  readonly #what: string;
  #at = 0;
  /** Whether the line says what the model has no place for. */
  left = false;

  constructor(words: readonly Word[], what: string, log: ProblemLog) {
    this.#words = words;
    this.#what = what;
    this.#log = log;
  }

  next(): Word | undefined {
    const word = this.#words[this.#at];
    this.#at += 1;
    return word;
  }

  /** The value after a word; told where it is missing. */
  value(option: Word): Word | undefined {
    const word = this.next();
    if (word === undefined) this.#log.error(option, `${option.text} misses its value`);
    return word;
  }

  address(option: Word): IpAddress | undefined {
    const given = this.value(option);
    const word = given && (given.text === 'inet' || given.text === 'inet6') ? this.value(given) : given;
    if (word === undefined) return undefined;
    const address = parseIpAddress(word.text);
    if (address === undefined) this.#log.error(word, `must be an address, not ${shown(word.text)}`);
    return address;
  }

  network(word: Word | undefined): AddressPrefix | undefined {
    if (word === undefined) return undefined;
    const network = parseAddressPrefix(word.text);
    if (network === undefined) {
      this.#log.error(word, `must be an address or a network, such as 192.0.2.0/24, not ${shown(word.text)}`);
    }
    return network;
  }

  number(option: Word, least: 0 | 1, names: Readonly<Record<string, number>> = {}): number | undefined {
    const word = this.value(option);
    if (word === undefined) return undefined;
    const found = /^\d{1,10}$/.test(word.text) ? Number(word.text) : names[word.text];
    if (found !== undefined && found >= least && found <= UINT_MAX) return found;
    this.#log.error(
      word,
      `${option.text} must be a whole number from ${least} to ${UINT_MAX}, not ${shown(word.text)}`,
    );
    return undefined;
  }

  /** A word that changes what the whole means. */
  leave({ place, text }: Word): void {
    if (!this.left)
      this.#log.warn(place, `the ${this.#what} with ${shown(text)} is left out: vipr cannot set this`);
    this.left = true;
  }

  /** A word that means nothing to vipr, with the words behind it. */
  pass({ place, text }: Word, words: number): void {
    this.#log.warn(place, `${text} of a ${this.#what} is not set`);
    this.#at += words;
  }
}

/** The lines of `virtual_routes`, in the words of ip-route(8) (keepalived's vrrp_iproute.c, alloc_route). */
export function virtualRoutes(statements: readonly Statement[], log: ProblemLog): VirtualRoute[] {
  return linesOf(statements).flatMap((words) => {
    const line = new Line(words, 'route', log);
    const found: { -readonly [K in keyof VirtualRoute]?: VirtualRoute[K] | undefined } = {};
    let named = false;
    for (let word = line.next(); word !== undefined && !line.left; word = line.next()) {
      const { text } = word;
      if (text === 'src') found.source = line.address(word);
      else if (text === 'via' || text === 'gw') found.via = line.address(word);
      else if (text === 'dev' || text === 'oif') {
        const value = line.value(word);
        found.interface = value && interfaceWord(value, log);
      } else if (text === 'table') found.table = line.number(word, 1, TABLES);
      else if (['metric', 'priority', 'preference'].includes(text)) found.metric = line.number(word, 0);
      else if (text === 'scope') {
        const value = line.value(word);
        found.scope = value && scopeOf(value, log);
      } else if (text === 'no_track') line.pass(word, 0);
      else if (text === 'protocol') line.pass(word, 1);
      else if (text === 'inet' || text === 'inet6' || text === 'unicast' || text === 'to') continue;
      else if (named || !/^(?:default$|[0-9a-fA-F:]+[.:/0-9a-fA-F]*$)/.test(text)) line.leave(word);
      else {
        named = true;
        if (text !== 'default') found.destination = line.network(word);
      }
    }
    return line.left ? [] : [givenOf(found)];
  });
}

/** The lines of `virtual_rules`, in the words of ip-rule(8) (keepalived's vrrp_iprule.c, alloc_rule). */
export function virtualRules(statements: readonly Statement[], log: ProblemLog): VirtualRule[] {
  return linesOf(statements).flatMap((words) => {
    const line = new Line(words, 'rule', log);
    const found: { -readonly [K in keyof VirtualRule]?: VirtualRule[K] | undefined } = {};
    for (let word = line.next(); word !== undefined && !line.left; word = line.next()) {
      const { text } = word;
      if (text === 'from' || text === 'to') {
        const value = line.value(word);
        if (value?.text !== 'all') found[text] = line.network(value);
      } else if (text === 'table' || text === 'lookup') found.table = line.number(word, 1, TABLES);
      else if (['preference', 'priority', 'order'].includes(text)) found.preference = line.number(word, 0);
      else if (text === 'no_track') line.pass(word, 0);
      else if (text === 'protocol') line.pass(word, 1);
      else if (text !== 'inet' && text !== 'inet6') line.leave(word);
    }
    const { table, ...rest } = found;
    if (line.left) return [];
    if (table === undefined) {
      log.error(words[0], 'a rule needs a table');
      return [];
    }
    return [{ table, ...givenOf(rest) }];
  });
}

function linesOf(statements: readonly Statement[]): readonly Entry[] {
  return statements.flatMap(({ entries = [] }) => entries);
}
