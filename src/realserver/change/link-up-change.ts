import { ViprError } from '../../model/error.ts';
import type { Host } from '../host.ts';
import type { ChangeOf } from './change.ts';
import type { ChangeHandler } from './change-kind.ts';

export const linkUpChange: ChangeHandler<ChangeOf<'link-up'>> = {
  describe: ({ name }) => `interface ${name} up (was down)`,

  async apply({ name }, { netlink }) {
    const link = await netlink.links.find(name);
    if (link === undefined)
      throw new ViprError('INTERFACE_NOT_FOUND', `there is no network interface '${name}'`);
    await netlink.links.change(link.index, { up: true });
  },

  undo: ({ name }, host) => takeDown(name, host),
};

export async function takeDown(name: string, { netlink }: Host): Promise<'undone' | 'absent'> {
  const link = await netlink.links.find(name);
  if (link === undefined || !link.up) return 'absent';
  await netlink.links.change(link.index, { up: false });
  return 'undone';
}
