import { ViprError } from '../model/error.ts';
import type { Host } from './host.ts';
import { mergeSettings, type RealServerSettings } from './real-server-settings.ts';
import type { Requirement } from './requirement/requirement.ts';
import { findRequirements } from './requirement/requirements.ts';
import type { StateFile } from './state-file.ts';

/**
 * How far the host is a real server: for what it is asked about, or else for what it was set up for. Where it was set up, what was
 * chosen then holds too. Changes nothing. Throws a ViprError or a NetlinkError.
 */
export async function check(
  asked: RealServerSettings | undefined,
  host: Host,
  file: StateFile,
): Promise<readonly Requirement[]> {
  const known = file.read()?.settings;
  const settings = asked === undefined ? known : mergeSettings(known, asked);
  if (settings === undefined) {
    throw new ViprError('USAGE', 'This host was not set up as a real server since it started.', {
      hint: 'Name the virtual addresses to check for, or run `vipr realserver setup` first.',
    });
  }
  return findRequirements(settings, host);
}

/** Whether nothing keeps the host from serving. */
export function isWell(requirements: readonly Requirement[]): boolean {
  return requirements.every(({ state }) => state === 'ok' || state === 'note');
}
