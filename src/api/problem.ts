import type { z } from 'zod';
import { ViprError, type ViprErrorCode } from '../model/error.ts';
import { encodeError } from './codec.ts';
import { type Problem, ROUTES } from './protocol.ts';

const SHOWN_FIELDS = 100;

/** A request that is refused whole; nothing of it was carried out. */
export class RequestInvalidError extends ViprError {
  readonly fields: NonNullable<Problem['fields']>;

  constructor(message: string, fields: NonNullable<Problem['fields']> = []) {
    super('REQUEST_INVALID', message, { hint: 'Correct the request; nothing of it was carried out.' });
    this.fields = fields;
  }
}

/** A request that is refused for what is around it: who sends it, where it was meant to go, how many there are. */
export class RequestRefusedError extends ViprError {
  /** HTTP's, from 400. */
  readonly status: number;

  constructor(status: number, code: 'PERMISSION_DENIED' | 'REQUEST_INVALID', message: string, hint: string) {
    super(code, message, { hint });
    this.status = status;
  }
}

/** `where` says what the request's fields are those of, for a fault of the whole. */
export function requestInvalid(error: z.ZodError, where = 'body'): RequestInvalidError {
  const fields = error.issues.slice(0, SHOWN_FIELDS).map(({ path, message }) => ({
    path: path.reduce<string>(appendPath, ''),
    message,
  }));
  const [first] = fields;
  return new RequestInvalidError(
    `The request is not valid: ${first?.path || where}: ${first?.message}.`,
    fields,
  );
}

/** Those that are not the director's failure. */
const STATUS: Readonly<Partial<Record<ViprErrorCode, number>>> = {
  SERVICE_NOT_FOUND: 404,
  DESTINATION_NOT_FOUND: 404,
  APPLY_REFUSED: 409,
  CONFIG_INVALID: 409,
  CONFIG_UNREADABLE: 409,
  USAGE: 409,
};

/** The status and body of an answer to a request that failed. */
export function problemOf(error: unknown): { status: number; problem: Problem } {
  if (error instanceof RequestInvalidError) {
    return { status: 400, problem: { ...encodeError(error), fields: error.fields } };
  }
  if (error instanceof RequestRefusedError) {
    return { status: error.status, problem: encodeError(error) };
  }
  if (error instanceof ViprError) {
    return { status: STATUS[error.code] ?? 500, problem: encodeError(error) };
  }
  const { statusCode, message } = refusalOf(error);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, problem: encodeError(new RequestInvalidError(message)) };
  }
  return {
    status: 500,
    problem: encodeError(
      new ViprError('ENGINE_FAILED', `The director failed: ${message}`, {
        hint: "Look at the director's log.",
      }),
    ),
  };
}

/** The answer to a path or method that the API does not know. */
export function notFound(method: string, url: string): Problem {
  const known = Object.values(ROUTES).map((route) => `${route.method} ${route.path}`);
  return {
    code: 'REQUEST_INVALID',
    message: `There is no ${method} ${url}.`,
    hint: `The control API knows ${known.join(', ')}.`,
  };
}

/** Fastify's own refusals (a body that is not JSON, too large, of another type) carry a status. */
function refusalOf(error: unknown): { statusCode?: number; message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const statusCode = 'statusCode' in error ? error.statusCode : undefined;
  return { message: error.message, ...(typeof statusCode === 'number' && { statusCode }) };
}

function appendPath(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? String(key) : `${path}.${String(key)}`;
}
