import type { NotifyFifo } from '../../../../model/monitoring.ts';
import type { Milliseconds } from '../../../../model/unit.ts';
import type { VrrpGroupSettings, VrrpInstanceSettings, VrrpSettings } from '../../../../model/vrrp.ts';
import type { SyncSettings } from '../../../config.ts';
import { givenOf } from '../../../given-of.ts';
import type { Place } from '../../place.ts';
import { Settings } from '../../settings.ts';
import type { Statement } from '../../statement.ts';
import { present, shown, timer } from '../../value.ts';
import type { BuildContext } from '../build-context.ts';
import { syncDaemons } from './sync-daemon.ts';
import { trackedBy, withoutWeights } from './tracked.ts';
import type { VrrpContext } from './vrrp-context.ts';
import { vrrpDefaults } from './vrrp-defaults.ts';
import { syncInterface, vrrpInstance } from './vrrp-instance.ts';
import { vrrpNotify } from './vrrp-notify.ts';
import { trackProcesses, vrrpScripts } from './vrrp-script.ts';
import { blockName } from './vrrp-value.ts';

/** What a keepalived.conf says of VRRP and of synchronisation; absent where it says nothing. */
export interface VrrpAndSync {
  readonly vrrp?: VrrpSettings;
  readonly sync?: readonly SyncSettings[];
}

/** `fifos` are those that are told of VRRP. */
export function vrrpSettings(
  blocks: Settings,
  global: Settings,
  fifos: readonly NotifyFifo[],
  base: BuildContext,
): VrrpAndSync {
  const { log } = base;
  const defaults = vrrpDefaults(global, log);
  const scripts = vrrpScripts(blocks.all('vrrp_script'), base);
  const context: VrrpContext = {
    ...base,
    defaults,
    scripts: new Map(scripts.map((script) => [script.name, script])),
    processes: trackProcesses(blocks.all('vrrp_track_process'), log),
    files: base.trackFiles,
  };
  const built = instancesOf(blocks.all('vrrp_instance'), context);
  const { groups, bound } = groupsOf(blocks.all('vrrp_sync_group'), built, context);
  const instances = built.instances.map((instance) =>
    bound.has(instance.name) ? { ...instance, tracked: withoutWeights(instance.tracked, context) } : instance,
  );
  const startupDelay = timer(global.last('vrrp_startup_delay'), 0, log) ?? (0 as Milliseconds);
  const daemon = global.first('lvs_sync_daemon');
  const sync = daemon === undefined ? built.sync : syncDaemons(daemon, instances, log);
  if (blocks.all('vrrp_instance').length === 0) return givenOf({ sync });
  return {
    vrrp: {
      instances,
      groups,
      scripts: scripts.map(({ reverse, ...script }) => script),
      startupDelay,
      ...(fifos.length > 0 && { fifos }),
    },
    ...givenOf({ sync }),
  };
}

interface Instances {
  readonly instances: readonly VrrpInstanceSettings[];
  /** Of all that the file names, also of those that are left out. */
  readonly names: ReadonlySet<string>;
  readonly sync?: readonly SyncSettings[];
}

function instancesOf(statements: readonly Statement[], context: VrrpContext): Instances {
  const { log } = context;
  const names = new Set<string>();
  const instances: VrrpInstanceSettings[] = [];
  const routers = new Map<string, Place>();
  const devices = new Set<string>();
  let sync: readonly SyncSettings[] | undefined;
  for (const statement of statements) {
    const name = blockName(statement, (taken) => names.has(taken), log);
    if (name === undefined) continue;
    names.add(name);
    const instance = vrrpInstance(name, statement, context);
    const device = syncInterface(statement.body, context);
    if (instance === undefined) continue;
    const { place } = statement.keyword;
    const router = `the virtual router ${instance.virtualRouterId} on ${instance.interface}`;
    const key = `${router} ${instance.family}`;
    const before = routers.get(key);
    if (before === undefined) routers.set(key, place);
    else log.error(place, `${router} is already given in line ${before.line}`);
    const mac = instance.virtualMac?.interface;
    if (mac !== undefined && devices.has(mac))
      log.error(place, `another instance has the interface ${mac} of use_vmac`);
    if (mac !== undefined) devices.add(mac);
    if (device !== undefined) {
      sync ??= [{ role: { follow: name }, interface: device, syncId: instance.virtualRouterId }];
    }
    instances.push(instance);
  }
  return { instances, names, ...givenOf({ sync }) };
}

/** The groups, and the instances whose weights do not count because they are in one. */
function groupsOf(statements: readonly Statement[], { instances, names }: Instances, context: VrrpContext) {
  const { log } = context;
  const groups: VrrpGroupSettings[] = [];
  const taken = new Set<string>();
  const bound = new Set<string>();
  for (const statement of statements) {
    const name = blockName(statement, (other) => groups.some((group) => group.name === other), log);
    const settings = new Settings(statement.body ?? [], log);
    const weighted = [settings.last('sync_group_tracking_weight'), settings.last('global_tracking')];
    const floating = weighted.map((each) => present(each, log)).includes(true);
    const tracked = trackedBy(settings, context);
    const notify = vrrpNotify(settings, context);
    const members: string[] = [];
    for (const word of settings.all('group').flatMap(({ entries = [] }) => entries.flat())) {
      if (!names.has(word.text)) log.error(word, `there is no vrrp_instance ${shown(word.text)}`);
      else if (taken.has(word.text)) log.error(word, `${word.text} is already in a group`);
      else if (!instances.some((instance) => instance.name === word.text)) {
        log.warn(word.place, `${word.text} is not in the group, as it is left out`);
      } else {
        members.push(word.text);
        if (!floating) bound.add(word.text);
      }
      taken.add(word.text);
    }
    if (name === undefined) continue;
    if (members.length > 0) groups.push({ name, instances: members, tracked, notify });
    else log.warn(statement.keyword.place, `vrrp_sync_group ${name} has no instances: it is left out`);
  }
  return { groups, bound };
}
