import { tunnelName } from '../real-server-settings.ts';
import type { ChangeOf } from './change.ts';
import type { ChangeHandler } from './change-kind.ts';

export const decapsulatorChange: ChangeHandler<ChangeOf<'decapsulator'>> = {
  describe: ({ interfaces, tunnels, virtualAddresses }) =>
    `vipr's program on ${interfaces.map(({ name }) => name).join(', ')} takes ${tunnels.map(tunnelName).join(', ')} off packets to ${virtualAddresses.join(', ')}`,

  async apply(change, host) {
    host.decapsulator(change.directory).install(change);
  },

  async undo({ directory, interfaces }, host) {
    const indexes = interfaces.map(({ index }) => index);
    return host.decapsulator(directory).remove(indexes) ? 'undone' : 'absent';
  },
};
