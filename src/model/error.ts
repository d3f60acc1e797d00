/**
 * Every error that vipr raises on purpose. `docs/errors.md` explains each; a test keeps that page and this table alike.
 * `errno` is the kernel's answer to the same request, where IPVS has one.
 */
export const ERROR_CODES = {
  SERVICE_EXISTS: { errno: 'EEXIST' },
  SERVICE_NOT_FOUND: { errno: 'ESRCH' },
  DESTINATION_EXISTS: { errno: 'EEXIST' },
  DESTINATION_NOT_FOUND: { errno: 'ENOENT' },
  SCHEDULER_NOT_FOUND: { errno: 'ENOENT' },
  PERSISTENCE_ENGINE_NOT_FOUND: { errno: 'ENOENT' },
  INVALID_OPERATION: { errno: 'EINVAL' },
  OUT_OF_RANGE: { errno: 'ERANGE' },
  FAMILY_NOT_SUPPORTED: { errno: 'EAFNOSUPPORT' },
  INTERFACE_NOT_FOUND: { errno: 'ENODEV' },
  DAEMON_RUNNING: { errno: 'EEXIST' },
  DAEMON_NOT_RUNNING: { errno: 'ESRCH' },
  NOT_SUPPORTED_BY_ENGINE: { errno: 'EOPNOTSUPP' },
  ADDRESS_IN_USE: { errno: 'EADDRINUSE' },
  ADDRESS_NOT_LOCAL: { errno: 'EADDRNOTAVAIL' },
  PERMISSION_DENIED: { errno: 'EACCES' },
  SYSTEM_CALL_FAILED: { errno: undefined },
  ENGINE_FAILED: { errno: undefined },
  ENGINE_UNAVAILABLE: { errno: 'ENOPROTOOPT' },
  DIRECTOR_NOT_RUNNING: { errno: undefined },
  DIRECTOR_RUNNING: { errno: undefined },
  APPLY_REFUSED: { errno: undefined },
  CONFIG_INVALID: { errno: undefined },
  CONFIG_UNREADABLE: { errno: undefined },
  REQUEST_INVALID: { errno: undefined },
  RESPONSE_INVALID: { errno: undefined },
  USAGE: { errno: undefined },
} as const satisfies Record<string, { readonly errno: string | undefined }>;

/** What {@link ViprError.code} can be. */
export type ViprErrorCode = keyof typeof ERROR_CODES;

/** What an error may carry beside code and message; `cause` is what led to it. */
export interface ViprErrorOptions extends ErrorOptions {
  /** What to do about it, as a whole sentence. */
  readonly hint?: string;
  /** The errno of the system call that failed, where the code does not imply it. */
  readonly errno?: string;
}

/** An error with a code for programs, a message that says what was wrong and where, and a hint that says what to do. */
export class ViprError extends Error {
  override readonly name = 'ViprError';
  readonly code: ViprErrorCode;
  readonly errno: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ViprErrorCode, message: string, options: ViprErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.errno = options.errno ?? ERROR_CODES[code].errno;
    this.hint = options.hint;
  }
}
