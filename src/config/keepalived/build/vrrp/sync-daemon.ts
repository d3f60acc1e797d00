import { type IpAddress, parseIpAddress } from '../../../../model/address.ts';
import type { Port } from '../../../../model/unit.ts';
import type { VrrpInstanceSettings } from '../../../../model/vrrp.ts';
import type { SyncSettings } from '../../../config.ts';
import { givenOf } from '../../../given-of.ts';
import type { ProblemLog } from '../../problem-log.ts';
import { endOf, type Statement } from '../../statement.ts';
import { shown, wholeNumber } from '../../value.ts';
import type { Word } from '../../word.ts';
import { interfaceWord } from './vrrp-value.ts';

/** 65535 less the headers of IP and UDP. */
const LONGEST = 65_507;
const OPTIONS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  id: [0, 255],
  maxlen: [1, LONGEST],
  port: [1, 65_535],
  ttl: [1, 255],
};

/**
 * `lvs_sync_daemon INTERFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]` (keepalived's global_parser.c,
 * lvs_syncd_handler). Without an instance there are both daemons (check_daemon.c).
 */
export function syncDaemons(
  statement: Statement,
  instances: readonly VrrpInstanceSettings[],
  log: ProblemLog,
): SyncSettings[] {
  const [first, ...words] = statement.values;
  if (first === undefined) {
    log.error(endOf(statement), 'lvs_sync_daemon misses its interface');
    return [];
  }
  const device = interfaceWord(first, log);
  const numbers: Record<string, number | undefined> = {};
  let follow: Word | undefined;
  let group: IpAddress | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const range = OPTIONS[word.text];
    if (range === undefined && word.text !== 'inst' && word.text !== 'group') {
      if (at === 0) follow = word;
      else if (at === 1 && follow !== undefined) numbers.id = wholeNumber(word, 0, 255, log);
      else log.error(word, `${shown(word.text)} is nothing that lvs_sync_daemon has`);
      continue;
    }
    at += 1;
    const value = words[at];
    if (value === undefined) log.error(endOf(statement), `${word.text} misses its value`);
    else if (range !== undefined) numbers[word.text] = wholeNumber(value, ...range, log);
    else if (word.text === 'inst') follow = value;
    else group = multicast(value, log);
  }
  const followed = follow && instances.find(({ name }) => name === follow?.text);
  if (follow !== undefined && followed === undefined) {
    log.error(follow, `there is no vrrp_instance ${shown(follow.text)}`);
    return [];
  }
  if (device === undefined) return [];
  const { id, maxlen: maxLength, port, ttl } = numbers;
  const daemon = {
    interface: device,
    syncId: id ?? followed?.virtualRouterId ?? 0,
    ...givenOf({ maxLength, group, port: port as Port | undefined, ttl }),
  };
  if (followed !== undefined) return [{ role: { follow: followed.name }, ...daemon }];
  return [
    { role: 'master', ...daemon },
    { role: 'backup', ...daemon },
  ];
}

function multicast(word: Word, log: ProblemLog): IpAddress | undefined {
  const address = parseIpAddress(word.text);
  if (address !== undefined && /^(?:22[4-9]|23\d)\.|^ff/.test(address)) return address;
  log.error(word, `must be a multicast address, not ${shown(word.text)}`);
  return undefined;
}
