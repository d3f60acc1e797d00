import type { TableChange } from '../api/protocol.ts';
import { formatFields } from '../director/format-change.ts';

/** `plan` tells what would be done, `done` what was. */
export type Tense = 'plan' | 'done';

export function changesJson(changes: readonly TableChange[], more: object = {}): string {
  return `${JSON.stringify({ changes, ...more }, null, 2)}\n`;
}

/** Changes for reading: a line each, destinations under their services, and their numbers at the end. */
export function formatChanges(changes: readonly TableChange[], tense: Tense, colour: boolean): string {
  if (changes.length === 0) return tense === 'plan' ? 'nothing to change\n' : 'nothing was to change\n';
  const lines: string[] = [];
  let service: string | undefined;
  for (const change of changes) {
    // A service that stays as it is has a line too, where its destinations change.
    if (change.destination !== undefined && change.service !== service) lines.push(`  ${change.service}`);
    service = change.service;
    lines.push(lineOf(change, colour));
  }
  return `${lines.join('\n')}\n${formatCounts(changes, tense)}\n`;
}

function lineOf({ action, service, destination, fields }: TableChange, colour: boolean): string {
  const { sign, code } = MARKS[action];
  const subject = destination ?? service ?? 'timeouts';
  const facts = fields.length === 0 ? '' : `: ${formatFields(action, fields)}`;
  const text = `${sign} ${subject}${facts}`;
  const indent = destination === undefined ? '' : '    ';
  return `${indent}${colour ? `\u001b[${code}m${text}\u001b[0m` : text}`;
}

/** `to add 2, to change 1` */
function formatCounts(changes: readonly TableChange[], tense: Tense): string {
  return (['add', 'change', 'remove'] as const)
    .map((action) => ({ action, count: changes.filter((change) => change.action === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ action, count }) => `${MARKS[action][tense]} ${count}`)
    .join(', ');
}

/** Colours of select graphic rendition (ECMA-48, SGR): green, yellow, red. */
const MARKS = {
  add: { sign: '+', code: 32, plan: 'to add', done: 'added' },
  change: { sign: '~', code: 33, plan: 'to change', done: 'changed' },
  remove: { sign: '-', code: 31, plan: 'to remove', done: 'removed' },
} as const;
