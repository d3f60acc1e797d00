import type { Logger } from 'pino';
import type { TableChange } from '../api/protocol.ts';
import type { ChangeFacts } from './change-log.ts';
import { formatChange } from './format-change.ts';
import { whoAsked } from './who-asked.ts';

/** More are told by their number; each of them is logged at debug. */
const TOLD_IN_FULL = 100;

/** Tells the log what was changed at once, and an observer too where it is not too much. */
export function logChanges(
  logger: Logger,
  changes: readonly TableChange[],
  onChange: (facts: ChangeFacts) => void = () => undefined,
): void {
  const by = whoAsked();
  if (changes.length > TOLD_IN_FULL) {
    const text = `changes ${changes.length}`;
    logger.info(by, text);
    onChange({ text });
    for (const change of changes) logger.debug(by, formatChange(change));
    return;
  }
  for (const change of changes) {
    const { service, destination } = change;
    const text = formatChange(change);
    logger.info(by, text);
    onChange({
      text,
      ...(service !== undefined && { service }),
      ...(destination !== undefined && { destination }),
    });
  }
}
