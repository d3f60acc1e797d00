import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import { daemonOf, MASTER_MTU } from '../../model/daemon-defaults.ts';
import { type Facts, showChange } from '../facts.ts';
import { daemonName, fitsDaemon } from './daemon-operations.ts';

/** What somebody has done to a daemon. */
export interface DaemonDifference {
  readonly role: DaemonRole;
  /** `stopped the backup synchronisation daemon on eth1, ID 51` */
  readonly text: string;
  /** The same where it is clear which daemon is meant: `stopped it`. */
  readonly short: string;
}

/** How the daemons that run differ from those that are expected, which are all. */
export function daemonDifferences(
  running: readonly SyncDaemon[],
  expected: readonly SyncDaemonSettings[],
): DaemonDifference[] {
  const differences = expected.flatMap((daemon): DaemonDifference[] => {
    const { role } = daemon;
    const present = running.find((each) => each.role === role);
    const name = daemonName(daemon);
    if (present === undefined) return [{ role, text: `stopped ${name}`, short: 'stopped it' }];
    if (fitsDaemon(present, daemon)) return [];
    const change = showChange(factsOf(expectedBeside(present, daemon)), factsOf(present));
    return [{ role, text: `changed ${name}: ${change}`, short: `changed it: ${change}` }];
  });
  const others = running
    .filter(({ role }) => expected.every((daemon) => daemon.role !== role))
    .map((daemon): DaemonDifference => {
      const text = `started ${daemonName(daemon)}`;
      return { role: daemon.role, text, short: 'started one with other settings' };
    });
  return [...differences, ...others];
}

/** The expected daemon in full. What a backup without a length of its own takes is the engine's choice, and no difference. */
function expectedBeside(present: SyncDaemon, wanted: SyncDaemonSettings): SyncDaemon {
  const whole = daemonOf(wanted, MASTER_MTU);
  const fits = fitsDaemon({ ...whole, maxLength: present.maxLength }, wanted);
  return fits ? { ...whole, maxLength: present.maxLength } : whole;
}

function factsOf({ interface: device, syncId, group, port, ttl, maxLength }: SyncDaemon): Facts {
  return {
    interface: device,
    ID: String(syncId),
    group,
    port: String(port),
    TTL: String(ttl),
    'longest datagram': `${maxLength} bytes`,
  };
}
