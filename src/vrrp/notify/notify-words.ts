import type { ScriptCommand } from '../../model/script-command.ts';
import type { VrrpNotify } from '../../model/vrrp.ts';
import type { VrrpState } from '../machine/virtual-router.ts';

/** An instance or group that has another state. */
export interface StateChange {
  readonly subject: 'INSTANCE' | 'GROUP';
  readonly name: string;
  readonly state: VrrpState;
  /** Of an instance; 0 of a group. */
  readonly priority: number;
}

const WORDS = { initialize: 'STOP', backup: 'BACKUP', master: 'MASTER', fault: 'FAULT' } as const;

/** What readers of named pipes get: `INSTANCE "VI_1" MASTER 100`, with a line feed (keepalived, vrrp_notify.c, notify_fifo). */
export function notifyLine({ subject, name, state, priority }: StateChange): string {
  return `${subject} "${name}" ${WORDS[state]} ${priority}\n`;
}

/** The scripts of a change in their order, with what they get beside their own arguments (keepalived.conf(5), notify). */
export function notifyCommands(
  change: StateChange,
  notify: VrrpNotify,
): readonly { readonly command: ScriptCommand; readonly args: readonly string[] }[] {
  const own = { initialize: notify.stop, backup: notify.backup, master: notify.master, fault: notify.fault }[
    change.state
  ];
  const { subject, name, state, priority } = change;
  return [
    ...(own === undefined ? [] : [{ command: own, args: [] }]),
    ...(notify.any === undefined
      ? []
      : [{ command: notify.any, args: [subject, name, WORDS[state], `${priority}`] }]),
  ];
}
