import type { Host } from '../host.ts';
import { addressChange } from './address-change.ts';
import type { Change, ChangeKind, ChangeOf } from './change.ts';
import type { ChangeHandler, Undone } from './change-kind.ts';
import { decapsulatorChange } from './decapsulator-change.ts';
import { guePortChange } from './gue-port-change.ts';
import { linkChange } from './link-change.ts';
import { linkUpChange } from './link-up-change.ts';
import { sysctlChange } from './sysctl-change.ts';

const HANDLERS: { readonly [Kind in ChangeKind]: ChangeHandler<ChangeOf<Kind>> } = {
  address: addressChange,
  decapsulator: decapsulatorChange,
  'gue-port': guePortChange,
  link: linkChange,
  'link-up': linkUpChange,
  sysctl: sysctlChange,
};

export function describeChange(change: Change): string {
  return handlerOf(change).describe(change);
}

/** Why {@link undoChange} left it. */
export function describeLeft(change: Change, host: Host): string {
  return handlerOf(change).left?.(change, host) ?? 'somebody changed it since';
}

export function applyChange(change: Change, host: Host): Promise<void> {
  return handlerOf(change).apply(change, host);
}

export function undoChange(change: Change, host: Host): Promise<Undone> {
  return handlerOf(change).undo(change, host);
}

/** TypeScript does not see that the handler and the change are of one kind. */
function handlerOf<Kind extends ChangeKind>(change: ChangeOf<Kind>): ChangeHandler<ChangeOf<Kind>> {
  return HANDLERS[change.kind as Kind];
}
