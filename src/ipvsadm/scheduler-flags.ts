import { NO_SCHEDULER_FLAGS, type SchedulerFlags } from '../model/service.ts';
import { Refusal } from './refusal.ts';

type Flag = keyof SchedulerFlags;

/** Names that flags have with one scheduler; elsewhere they are `flag-1` to `flag-3`. */
const NAMES: ReadonlyMap<string, readonly (readonly [string, Flag])[]> = new Map([
  ['sh', named('sh')],
  ['mh', named('mh')],
]);

const COMMON: readonly (readonly [string, Flag])[] = [
  ['flag-1', 'flag1'],
  ['flag-2', 'flag2'],
  ['flag-3', 'flag3'],
];

function named(scheduler: string): readonly (readonly [string, Flag])[] {
  return [
    [`${scheduler}-fallback`, 'flag1'],
    [`${scheduler}-port`, 'flag2'],
  ];
}

/**
 * Reads the value of `-b`: names between commas. Throws a {@link Refusal} for unknown names, and for a scheduler's own
 * names with another scheduler. `scheduler` is empty where none was given.
 */
export function parseSchedulerFlags(text: string, scheduler: string): SchedulerFlags {
  const flags = { ...NO_SCHEDULER_FLAGS };
  for (const name of text.split(',')) {
    if (name !== '') flags[flagOf(name, scheduler)] = true;
  }
  return flags;
}

function flagOf(name: string, scheduler: string): Flag {
  for (const [known, flag] of COMMON) if (known === name) return flag;
  for (const [owner, own] of NAMES) {
    for (const [known, flag] of own) {
      if (known !== name) continue;
      if (scheduler !== owner) throw new Refusal(`incompatible scheduler flag \`${name}'`);
      return flag;
    }
  }
  throw new Refusal(`invalid scheduler flag \`${name}'`);
}

/** The flags that are set, by name and between commas; with sh and mh the third has no name and is left out. */
export function formatSchedulerFlags(flags: SchedulerFlags, scheduler: string): string {
  const names = NAMES.get(scheduler) ?? COMMON;
  return names
    .filter(([, flag]) => flags[flag])
    .map(([name]) => name)
    .join(',');
}
