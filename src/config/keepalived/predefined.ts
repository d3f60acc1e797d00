import type { Definitions } from './definitions.ts';
import type { KeepalivedEnvironment } from './keepalived-environment.ts';

const LARGEST_RANDOM = 32_767;

/** Defines what every keepalived.conf has from the start (keepalived's lib/parser.c, set_std_definitions). */
export function predefine(
  definitions: Definitions,
  { configId, random, variable }: KeepalivedEnvironment,
  directory: () => string,
): void {
  definitions.set('_PWD', { kind: 'function', parameters: [0, 0], call: directory });
  definitions.set('_INSTANCE', { kind: 'line', text: configId });
  definitions.set('_HASH', { kind: 'line', text: '#' });
  definitions.set('_BANG', { kind: 'line', text: '!' });
  definitions.set('_ENV', {
    kind: 'function',
    parameters: [1, 1],
    call: ([name = '']) => variable(name) ?? '',
  });
  definitions.set('_RANDOM', {
    kind: 'function',
    parameters: [0, 2],
    call: (words) => {
      const [least = 0, most = LARGEST_RANDOM] = words.map(Number);
      if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most)) return undefined;
      return String(least > most ? least : random(least, most));
    },
  });
}
