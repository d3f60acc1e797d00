import { ViprError } from '../../model/error.ts';

/** A file of the settings that could not be read. */
export function unreadable(what: string, cause: unknown): ViprError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ViprError('CONFIG_UNREADABLE', `${what} cannot be read: ${message}.`, {
    cause,
    ...(code !== undefined && { errno: code }),
    hint: "Check the path and the file's permissions.",
  });
}
