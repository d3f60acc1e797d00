import { randomBytes } from 'node:crypto';
import { nodeNetwork } from './network/node-network.ts';
import type { SyncServiceModules } from './service-modules.ts';
import { SyncService } from './sync-service.ts';

/** A service on the sockets of this host, in whose network namespace the process is. */
export function openSyncService(modules: SyncServiceModules): SyncService {
  return new SyncService({
    ...modules,
    network: nodeNetwork,
    randomBytes,
    after: (milliseconds, callback) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  });
}
