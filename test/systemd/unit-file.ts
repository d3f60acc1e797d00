import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../project/source-file.ts';

export const UNIT_PATH = join(CHECKOUT, 'systemd/vipr.service');

/** The value of a setting of systemd/vipr.service; throws where it has none. */
export function unitSetting(name: string): string {
  const found = new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(UNIT_PATH, 'utf8'))?.[1];
  if (found === undefined) throw new Error(`${UNIT_PATH} has no ${name}=`);
  return found;
}
