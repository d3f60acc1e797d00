/** What becomes of scripts that run as root and that others can change: they run and are told, or they do not run. */
export const SCRIPT_SECURITIES = ['warn', 'refuse'] as const;
/** One of {@link SCRIPT_SECURITIES}. */
export type ScriptSecurity = (typeof SCRIPT_SECURITIES)[number];
