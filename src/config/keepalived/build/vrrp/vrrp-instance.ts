import { type Family, familyOf, type IpAddress } from '../../../../model/address.ts';
import type { Milliseconds } from '../../../../model/unit.ts';
import type { VrrpInstanceSettings } from '../../../../model/vrrp.ts';
import { givenOf } from '../../../given-of.ts';
import { Settings } from '../../settings.ts';
import type { Statement } from '../../statement.ts';
import { address, flag, number, oneWord, present, shown, text, timer } from '../../value.ts';
import { trackedBy } from './tracked.ts';
import { type PlacedAddress, virtualAddresses } from './virtual-addresses.ts';
import { virtualRoutes, virtualRules } from './virtual-routes.ts';
import type { VrrpContext } from './vrrp-context.ts';
import { announcements } from './vrrp-defaults.ts';
import { vrrpNotify } from './vrrp-notify.ts';
import { interfaceName, interfaceWord, LONGEST_INTERFACE } from './vrrp-value.ts';

const OWNER = 255;
const LONGEST_PREEMPT_DELAY = 1000;
/** keepalived's vrrp.c: VRRP version 3 counts hundredths of a second in twelve bits. */
const LONGEST_INTERVALS = { 2: 255_000, 3: 40_950 } as const;
const STEPS = { 2: 1000, 3: 10 } as const;
const PASSWORD_BYTES = 8;

/** A `vrrp_instance` (keepalived's vrrp_parser.c, and vrrp.c, vrrp_complete_instance); undefined where it is left out. */
export function vrrpInstance(
  name: string,
  { keyword, body = [] }: Statement,
  context: VrrpContext,
): VrrpInstanceSettings | undefined {
  const { log, defaults } = context;
  const settings = new Settings(body, log);
  const device = interfaceName(settings.last('interface'), log) ?? defaults.interface;
  const id = number(settings.last('virtual_router_id'), 1, 255, log);
  const given = virtualAddresses(settings.all('virtual_ipaddress'), log);
  const source = sourceOf(settings, context);
  const native6 = present(settings.last('native_ipv6'), log);
  const family = native6 ? 'inet6' : given[0] ? familyOf(given[0].address) : 'inet';
  const addresses = withoutDoubles(given, family, [], context);
  const excluded = withoutDoubles(
    virtualAddresses(settings.all('virtual_ipaddress_excluded'), log),
    undefined,
    addresses,
    context,
  );
  const version = versionOf(settings, family, context);
  const { state, priority } = roleOf(settings, context);
  const built = {
    version,
    virtualRouterId: id ?? 0,
    priority,
    initialState: state,
    advertisementInterval: intervalOf(settings, version, context),
    ...givenOf({ password: passwordOf(settings, version, context) }),
    pseudoHeaderChecksum: checksumOf(settings, version, family, context),
    ...preemption(settings, state, priority, context),
    addresses: addresses.map(bare),
    excludedAddresses: excluded.map(bare),
    routes: virtualRoutes(settings.all('virtual_routes'), log),
    rules: virtualRules(settings.all('virtual_rules'), log),
    ...givenOf({ unicastPeers: peersOf(settings, family, context) }),
    ...givenOf({ sourceAddress: source }),
    ...givenOf({ virtualMac: virtualMac(settings, name, id, family, context) }),
    accept: acceptance(settings, context),
    ...(present(settings.last('dont_track_primary'), log) && { untrackedInterface: true as const }),
    announcements: announcements(settings, '', defaults.announcements, log),
    checkAddresses: !(flag(settings.last('skip_check_adv_addr'), log) ?? !defaults.checkAddresses),
    tracked: trackedBy(settings, context),
    notify: vrrpNotify(settings, context),
  };
  if (source !== undefined && familyOf(source) !== family) {
    log.error(keyword.place, `the source address ${source} is of another family than the virtual addresses`);
  }
  if (id === undefined && !settings.has('virtual_router_id')) {
    log.error(keyword.place, `vrrp_instance ${name} misses its virtual_router_id`);
  }
  if (device === undefined && !settings.has('interface')) {
    log.error(keyword.place, `vrrp_instance ${name} misses its interface`);
  }
  const ah = version === 2 ? authenticationHeader(settings, context) : undefined;
  if (ah !== undefined) {
    log.warn(
      ah.place,
      `AH is not spoken by vipr: vrrp_instance ${name} is left out; use PASS, or no authentication`,
    );
    return undefined;
  }
  if (addresses.length === 0) {
    log.warn(keyword.place, `vrrp_instance ${name} has no virtual_ipaddress: it is left out`);
    return undefined;
  }
  return { name, interface: device ?? '', family, ...built };
}

function bare({ word, ...address }: PlacedAddress) {
  return address;
}

/** Without what keepalived passes over: addresses of another family and those that are given again. */
function withoutDoubles(
  given: readonly PlacedAddress[],
  family: Family | undefined,
  before: readonly PlacedAddress[],
  { log }: VrrpContext,
): PlacedAddress[] {
  const kept: PlacedAddress[] = [];
  for (const one of given) {
    const twice = [...before, ...kept].some(({ address }) => address === one.address);
    if (family !== undefined && familyOf(one.address) !== family) {
      log.warn(
        one.word.place,
        `${one.address} is of another family than the first address: it is left out, as by keepalived`,
      );
    } else if (twice)
      log.warn(one.word.place, `${one.address} is given again: it is left out, as by keepalived`);
    else kept.push(one);
  }
  return kept;
}

function sourceOf(settings: Settings, { log }: VrrpContext): IpAddress | undefined {
  const statement = settings.last('unicast_src_ip', 'mcast_src_ip');
  const word = statement && oneWord(statement, log);
  return word && address(word, log);
}

function versionOf(settings: Settings, family: Family, { log, defaults }: VrrpContext): 2 | 3 {
  const statement = settings.last('version');
  const given = number(statement, 2, 3, log);
  if (family === 'inet6' && given === 2 && statement !== undefined) {
    log.warn(statement.keyword.place, 'version 2 becomes 3: vipr speaks version 2 over IPv4 only');
  }
  if (family === 'inet6') return 3;
  return (given ?? defaults.version) === 3 ? 3 : 2;
}

/** What is not given of priority and state follows from the other one. */
function roleOf(settings: Settings, { log }: VrrpContext) {
  const statement = settings.last('state');
  const word = statement && oneWord(statement, log);
  if (word !== undefined && word.text !== 'MASTER' && word.text !== 'BACKUP') {
    log.error(word, `must be MASTER or BACKUP, not ${shown(word.text)}`);
  }
  const given = number(settings.last('priority'), 1, OWNER, log);
  const priority = given ?? (word?.text === 'MASTER' ? OWNER : 100);
  const master = word === undefined ? priority === OWNER : word.text === 'MASTER';
  return { priority, state: master ? ('master' as const) : ('backup' as const) };
}

function intervalOf(settings: Settings, version: 2 | 3, { log }: VrrpContext): Milliseconds {
  const statement = settings.last('advert_int');
  const given = timer(statement, 1, log);
  if (given === undefined || statement === undefined) return 1000 as Milliseconds;
  const step = STEPS[version];
  const rounded = Math.max(step, Math.min(LONGEST_INTERVALS[version], Math.round(given / step) * step));
  if (rounded !== given) {
    log.warn(
      statement.keyword.place,
      `advert_int becomes ${rounded / 1000} in version ${version}, as by keepalived`,
    );
  }
  return rounded as Milliseconds;
}

/** The word AH of `authentication`, where that is what it says. */
function authenticationHeader(settings: Settings, { log }: VrrpContext) {
  const block = settings.last('authentication');
  const kind = block && new Settings(block.body ?? [], log).last('auth_type');
  const word = kind && oneWord(kind, log);
  return word?.text === 'AH' ? word : undefined;
}

/** `authentication`: PASS only; RFC 9568 has none, and vipr does not speak AH. */
function passwordOf(settings: Settings, version: 2 | 3, { log }: VrrpContext): string | undefined {
  const block = settings.last('authentication');
  if (block === undefined) return undefined;
  const inner = new Settings(block.body ?? [], log);
  const kind = inner.last('auth_type');
  const word = kind && oneWord(kind, log);
  const pass = inner.last('auth_pass');
  const password = pass && oneWord(pass, log);
  if (word !== undefined && word.text === 'AH') {
    // In version 2 the whole instance is left out.
    return undefined;
  }
  if (word !== undefined && word.text !== 'PASS') {
    log.error(word, `must be PASS, not ${shown(word.text)}`);
    return undefined;
  }
  const without = (why: string) => {
    log.warn(block.keyword.place, `authentication is not done: ${why}`);
    return undefined;
  };
  if (word === undefined) return without('it has no auth_type');
  if (version === 3) return without('version 3 has none');
  if (password === undefined || password.text === '') return without('it has no auth_pass');
  const bytes = Buffer.from(password.text);
  if (bytes.length <= PASSWORD_BYTES) return password.text;
  const kept = bytes.subarray(0, PASSWORD_BYTES).toString('utf8');
  if (Buffer.from(kept).length > PASSWORD_BYTES || kept.includes('\ufffd')) {
    log.error(password, `must be at most ${PASSWORD_BYTES} bytes, and whole characters`);
    return undefined;
  }
  log.warn(password.place, `auth_pass is cut to its first ${PASSWORD_BYTES} bytes, as by keepalived`);
  return kept;
}

function checksumOf(settings: Settings, version: 2 | 3, family: Family, { log, defaults }: VrrpContext) {
  const given = flag(settings.last('v3_checksum_as_v2'), log);
  return version === 2 || family === 'inet6' || !(given ?? !defaults.pseudoHeaderChecksum);
}

function preemption(settings: Settings, state: 'master' | 'backup', priority: number, { log }: VrrpContext) {
  present(settings.last('preempt'), log);
  const never = settings.last('nopreempt');
  const later = settings.last('preempt_delay');
  present(never, log);
  const delay = timer(later, 0, log) ?? (0 as Milliseconds);
  if (delay > LONGEST_PREEMPT_DELAY * 1000 && later !== undefined) {
    log.error(later.keyword.place, `preempt_delay must be at most ${LONGEST_PREEMPT_DELAY} s`);
  }
  const always =
    state === 'master' ? 'with the state MASTER' : priority === OWNER ? 'with priority 255' : undefined;
  if (never !== undefined && always !== undefined) {
    log.warn(never.keyword.place, `nopreempt has no effect ${always}`);
  }
  const preempt = never === undefined || always !== undefined;
  const reason = state === 'master' ? 'with the state MASTER' : preempt ? undefined : 'with nopreempt';
  if (later !== undefined && delay > 0 && reason !== undefined) {
    log.warn(later.keyword.place, `preempt_delay has no effect ${reason}`);
  }
  return { preempt, preemptDelay: reason === undefined ? delay : (0 as Milliseconds) };
}

function peersOf(settings: Settings, family: Family, { log }: VrrpContext): IpAddress[] | undefined {
  const peers: IpAddress[] = [];
  for (const [word, option] of settings.all('unicast_peer').flatMap(({ entries = [] }) => entries)) {
    const peer = address(word, log);
    if (option !== undefined) log.warn(option.place, `${option.text} of a peer is not looked at`);
    if (peer === undefined) continue;
    if (familyOf(peer) !== family) {
      log.error(word, `${peer} is of another family than the virtual addresses`);
    } else if (peers.includes(peer))
      log.warn(word.place, `${peer} is given again: it is left out, as by keepalived`);
    else peers.push(peer);
  }
  return peers.length > 0 ? peers : undefined;
}

/** `use_vmac [[name] NAME] …`; without a name it is keepalived's, vrrp.ID or vrrp6.ID, or with vmac_prefix. */
function virtualMac(
  settings: Settings,
  instance: string,
  id: number | undefined,
  family: Family,
  { defaults, log }: VrrpContext,
) {
  const statement = settings.last('use_vmac');
  const base = settings.last('vmac_xmit_base');
  present(base, log);
  if (statement === undefined) {
    if (base !== undefined) log.warn(base.keyword.place, 'vmac_xmit_base has no effect without use_vmac');
    return undefined;
  }
  let name: string | undefined;
  const words = statement.values;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined || word.text === 'name') continue;
    if (word.text.includes(':') || word.text === 'netlink_notify_msg' || word.text === 'group') {
      log.warn(
        word.place,
        `${word.text} of use_vmac in ${instance} is not done: vipr sets the MAC address of the RFC`,
      );
      if (word.text === 'group') at += 1;
    } else name = interfaceWord(word, log);
  }
  const unicast = settings.has('unicast_peer');
  const given = name ?? `${defaults.macPrefix}${family === 'inet6' ? '6' : ''}.${id ?? 0}`;
  if (given.length > LONGEST_INTERFACE)
    log.error(statement.keyword, `${given}, by vmac_prefix, is longer than ${LONGEST_INTERFACE} characters`);
  return {
    interface: given,
    transmitBase: base !== undefined || unicast,
  };
}

function acceptance(settings: Settings, { log }: VrrpContext): boolean {
  const accept = settings.last('accept');
  const refuse = settings.last('no_accept');
  present(accept, log);
  present(refuse, log);
  return refuse === undefined || accept !== undefined;
}

/** Of the deprecated `lvs_sync_daemon_interface`. */
export function syncInterface(
  body: readonly Statement[] | undefined,
  context: VrrpContext,
): string | undefined {
  const statement = new Settings(body ?? [], context.log).last('lvs_sync_daemon_interface');
  return text(statement, context.log);
}
