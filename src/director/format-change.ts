import type { FieldChange, TableChange } from '../api/protocol.ts';

/** `tcp 192.0.2.10:80 -> 10.0.0.11:80: weight 1 -> 5`, for the log. */
export function formatChange(change: TableChange): string {
  const { action, service, destination, fields } = change;
  const subject = [service ?? 'timeouts', destination].filter((part) => part !== undefined).join(' -> ');
  return `${ACTIONS[action]} ${subject}${fields.length === 0 ? '' : `: ${formatFields(action, fields)}`}`;
}

/** `weight 1 -> 5, method masquerade -> direct`; of what is added or removed, what it is. */
export function formatFields(action: TableChange['action'], fields: readonly FieldChange[]): string {
  return fields
    .map(({ field, before, after }) => {
      if (action === 'change') return `${field} ${before ?? 'none'} -> ${after ?? 'none'}`;
      return `${field} ${after ?? before}`;
    })
    .join(', ');
}

const ACTIONS = { add: 'added', change: 'changed', remove: 'removed' } as const;
