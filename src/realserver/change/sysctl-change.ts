import type { Host } from '../host.ts';
import { sysctlName } from '../sysctls.ts';
import type { ChangeOf } from './change.ts';
import type { ChangeHandler } from './change-kind.ts';

export const sysctlChange: ChangeHandler<ChangeOf<'sysctl'>> = {
  describe: ({ path, value, former }) => `${sysctlName(path)} = ${value} (was ${former})`,

  left: ({ path, value }, { sysctls }: Host) =>
    `somebody made it ${sysctls.read(path)} since, and not ${value}`,

  async apply({ path, value }, { sysctls }) {
    sysctls.write(path, value);
  },

  async undo({ path, value, former }, { sysctls }) {
    const now = sysctls.read(path);
    // Gone with its interface.
    if (now === undefined || now === former) return 'absent';
    if (now !== value) return 'left';
    sysctls.write(path, former);
    return 'undone';
  },
};
