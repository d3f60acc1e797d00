import type { ViprError, ViprErrorCode } from '../model/error.ts';

const CODES: ReadonlySet<ViprErrorCode> = new Set<ViprErrorCode>([
  'DIRECTOR_NOT_RUNNING',
  'ENGINE_UNAVAILABLE',
  'PERMISSION_DENIED',
]);

/** Whether an error that an engine threw means that there is none to talk to. */
export function isUnreachable({ code }: ViprError): boolean {
  return CODES.has(code);
}
