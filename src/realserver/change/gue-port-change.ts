import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { Host } from '../host.ts';
import type { ChangeOf } from './change.ts';
import type { ChangeHandler } from './change-kind.ts';

export const guePortChange: ChangeHandler<ChangeOf<'gue-port'>> = {
  describe: ({ port, family }) =>
    `GUE of the kernel on UDP port ${port}, ${family === 'inet' ? 'IPv4' : 'IPv6'}`,

  async apply(change, host) {
    await host.loadModule('fou');
    if (change.family === 'inet6') await host.loadModule('fou6');
    if (!(await isThere(change, host))) await host.guePorts.add(change);
  },

  async undo(change, host) {
    if (!(await isThere(change, host))) return 'absent';
    await host.guePorts.delete(change).catch((error: unknown) => {
      if (!(error instanceof NetlinkError) || error.code !== 'EINVAL') throw error;
    });
    return 'undone';
  },
};

async function isThere({ port, family }: ChangeOf<'gue-port'>, { guePorts }: Host): Promise<boolean> {
  return (await guePorts.list()).some((other) => other.port === port && other.family === family);
}
