import type { VrrpNotify } from '../../../../model/vrrp.ts';
import { givenOf } from '../../../given-of.ts';
import type { Settings } from '../../settings.ts';
import { scriptCommand } from '../script-command.ts';
import type { VrrpContext } from './vrrp-context.ts';

/** `notify`, `notify_master` and the others; of those that are given again the first one counts. */
export function vrrpNotify(settings: Settings, context: VrrpContext): VrrpNotify {
  const script = (name: string) => scriptCommand(settings.first(name), context);
  return givenOf({
    master: script('notify_master'),
    backup: script('notify_backup'),
    fault: script('notify_fault'),
    stop: script('notify_stop'),
    any: script('notify'),
  });
}
