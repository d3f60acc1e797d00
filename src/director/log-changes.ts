import type { Logger } from 'pino';
import type { TableChange } from '../api/protocol.ts';
import { formatChange } from './format-change.ts';

/** More are told by their number; each of them is logged at debug. */
const TOLD_IN_FULL = 100;

/** Tells the log what was changed at once. */
export function logChanges(logger: Logger, changes: readonly TableChange[]): void {
  const level = changes.length > TOLD_IN_FULL ? 'debug' : 'info';
  if (level === 'debug') logger.info(`changes ${changes.length}`);
  for (const change of changes) logger[level](formatChange(change));
}
