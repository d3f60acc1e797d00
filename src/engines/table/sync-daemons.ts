import { addressBytes, type IpAddress } from '../../model/address.ts';
import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import { DEFAULT_SYNC_GROUP, daemonOf } from '../../model/daemon-defaults.ts';
import type { TableEnvironment } from './environment.ts';
import { daemonNotRunning, daemonRefused, daemonRunning, interfaceNotFound } from './refusal.ts';

/** IFNAMSIZ less the closing NUL. */
const INTERFACE_NAME_LENGTH = 15;

/** The settings of the connection synchronisation daemons, at most one a role (ip_vs_sync.c, start_sync_thread). */
export class SyncDaemons {
  readonly #environment: TableEnvironment;
  readonly #byRole = new Map<DaemonRole, SyncDaemon>();

  constructor(environment: TableEnvironment) {
    this.#environment = environment;
  }

  get running(): boolean {
    return this.#byRole.size > 0;
  }

  /** The master first. */
  list(): SyncDaemon[] {
    return (['master', 'backup'] as const).flatMap((role) => {
      const daemon = this.#byRole.get(role);
      return daemon === undefined ? [] : [{ ...daemon }];
    });
  }

  /** `mixedFamilies`: whether a service has a destination of the other family, which synchronisation cannot carry. */
  start(settings: SyncDaemonSettings, mixedFamilies: boolean): void {
    const { role } = settings;
    checkForm(settings);
    if (mixedFamilies) {
      throw daemonRefused(
        role,
        'a service has a destination of the other address family',
        'Delete the destinations whose address family differs from that of their service.',
      );
    }
    const mtu = this.#environment.interfaceMtu(settings.interface);
    if (mtu === undefined) throw interfaceNotFound(settings.interface);
    if (this.#byRole.has(role)) throw daemonRunning(role);
    this.#byRole.set(role, daemonOf(settings, mtu));
  }

  stop(role: DaemonRole): void {
    if (!this.#byRole.delete(role)) throw daemonNotRunning(role);
  }
}

function checkForm(settings: SyncDaemonSettings): void {
  const { role, group } = settings;
  if (Buffer.byteLength(settings.interface) > INTERFACE_NAME_LENGTH) {
    throw daemonRefused(
      role,
      `'${settings.interface}' is too long for the name of an interface`,
      `Give a name of at most ${INTERFACE_NAME_LENGTH} bytes.`,
    );
  }
  if (group !== undefined && !isMulticast(group)) {
    throw daemonRefused(
      role,
      `${group} is no multicast group`,
      `Give a multicast address such as ${DEFAULT_SYNC_GROUP}.`,
    );
  }
}

function isMulticast(address: IpAddress): boolean {
  const bytes = addressBytes(address);
  const first = bytes[0] ?? 0;
  return bytes.length === 4 ? first >= 224 && first < 240 : first === 0xff;
}
