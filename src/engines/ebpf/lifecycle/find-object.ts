import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ViprError } from '../../../model/error.ts';

/** The compiled programs, from the top of a checkout or of the installed package. */
const OBJECT = 'bpf/vipr.bpf.o';

/** Looks upwards from where this code lies: src/ of a checkout, or dist/. Throws ENGINE_UNAVAILABLE. */
export function findObject(from: string = import.meta.dirname): string {
  for (let directory = from; ; directory = dirname(directory)) {
    const path = join(directory, OBJECT);
    if (existsSync(path)) return path;
    if (directory === dirname(directory)) break;
  }
  throw new ViprError('ENGINE_UNAVAILABLE', `The compiled programs, ${OBJECT}, are not there.`, {
    hint: 'Install the package anew, or run `npm run build:bpf` in a checkout.',
  });
}
