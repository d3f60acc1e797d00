/** Why a script cannot be started, in words for people. */
export class ScriptNotStartedError extends Error {
  override readonly name = 'ScriptNotStartedError';
}
