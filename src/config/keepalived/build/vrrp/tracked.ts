import type { Tracked } from '../../../../model/vrrp.ts';
import type { Settings } from '../../settings.ts';
import type { Entry } from '../../statement.ts';
import { shown } from '../../value.ts';
import type { VrrpContext } from './vrrp-context.ts';
import { interfaceWord, weightOf } from './vrrp-value.ts';

interface Weight {
  readonly weight: number;
  readonly reverse: boolean;
}

const NONE: Weight = { weight: 0, reverse: false };

/** `track_interface`, `track_script`, `track_file` and `track_process` (keepalived's vrrp_track.c). */
export function trackedBy(settings: Settings, context: VrrpContext): Tracked[] {
  const { log, scripts, files, processes } = context;
  const entriesOf = (name: string) => settings.all(name).flatMap(({ entries = [] }) => entries);
  const known = <T>(map: ReadonlyMap<string, T>, [word]: Entry, what: string): T | undefined => {
    const found = map.get(word.text);
    if (found === undefined) log.error(word, `there is no ${what} ${shown(word.text)}`);
    return found;
  };
  return [
    ...entriesOf('track_interface').flatMap((entry): Tracked[] => {
      const name = interfaceWord(entry[0], log);
      const { weight, reverse } = ownWeight(entry, context) ?? NONE;
      return name === undefined ? [] : [{ kind: 'interface', name, weight, ...reversed(reverse) }];
    }),
    ...entriesOf('track_script').flatMap((entry): Tracked[] => {
      const script = known(scripts, entry, 'vrrp_script');
      const own = ownWeight(entry, context);
      if (script === undefined) return [];
      const { reverse } = own ?? script;
      return [
        {
          kind: 'script',
          name: entry[0].text,
          ...(own !== undefined && { weight: own.weight }),
          ...reversed(reverse),
        },
      ];
    }),
    ...entriesOf('track_file').flatMap((entry): Tracked[] => {
      const file = known(files, entry, 'track_file');
      const own = ownWeight(entry, context);
      if (file === undefined) return [];
      const weight = Math.max(-253, Math.min(253, file.factor));
      return [{ kind: 'file', path: file.path, weight: own?.weight ?? weight, ...reversed(own?.reverse) }];
    }),
    ...entriesOf('track_process').flatMap((entry): Tracked[] => {
      const process = known(processes, entry, 'vrrp_track_process');
      const own = ownWeight(entry, context);
      if (process === undefined) return [];
      const { weight, reverse } = own ?? process;
      return [{ kind: 'process', name: process.process, weight, ...reversed(reverse) }];
    }),
  ];
}

/** What is left of it in a sync group without `sync_group_tracking_weight` (keepalived's vrrp.c, vrrp_complete_instance). */
export function withoutWeights(tracked: readonly Tracked[], context: VrrpContext): Tracked[] {
  return tracked.flatMap((one): Tracked[] => {
    const weight = one.weight ?? (one.kind === 'script' ? (context.scripts.get(one.name)?.weight ?? 0) : 0);
    if (weight === 0) return [one];
    return one.kind === 'interface' || (one.kind === 'file' && weight === 1) ? [{ ...one, weight: 0 }] : [];
  });
}

function ownWeight([name, keyword, ...words]: Entry, { log }: VrrpContext): Weight | undefined {
  if (keyword === undefined) return undefined;
  if (keyword.text === 'weight') return weightOf(words, keyword, log);
  log.error(keyword, `must be weight, not ${shown(keyword.text)}, after ${name.text}`);
  return undefined;
}

function reversed(reverse: boolean | undefined): { readonly reverse?: true } {
  return reverse === true ? { reverse } : {};
}
