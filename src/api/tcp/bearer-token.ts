import { createHash, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import { ViprError } from '../../model/error.ts';
import { unreadable } from './unreadable.ts';

/** Fewer characters could be guessed. */
const LEAST = 16;
/** Bytes of the file that are looked at. */
const MOST = 4096;

/** What requests over TCP have to bring as `Authorization: Bearer TOKEN` (RFC 6750, 2.1). */
export class BearerToken {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = digestOf(token);
  }

  /** Whether an Authorization header brings this token; how long that takes says nothing about the token. */
  admits(header: string | undefined): boolean {
    const given = /^bearer +([\x21-\x7e]+) *$/i.exec(header ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digestOf(given), this.#digest);
  }

  equals(other: BearerToken): boolean {
    return timingSafeEqual(other.#digest, this.#digest);
  }
}

/** Reads a token from the first line of a file. Throws CONFIG_UNREADABLE, PERMISSION_DENIED where others may read it, CONFIG_INVALID. */
export async function readToken(path: string): Promise<BearerToken> {
  const { text, mode, uid } = await readStart(path);
  const self = process.geteuid?.() ?? 0;
  if (uid !== self && uid !== 0) {
    throw new ViprError(
      'PERMISSION_DENIED',
      `The token's file ${path} belongs to another user (uid ${uid}).`,
      {
        hint: `Let it belong to the director's user: \`chown ${self} ${path}\`.`,
      },
    );
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    throw new ViprError(
      'PERMISSION_DENIED',
      `Others may read the token's file ${path}: its mode is ${octal}.`,
      {
        hint: `Run \`chmod 0600 ${path}\`, and write a new token into it.`,
      },
    );
  }
  const token = text.split('\n', 1)[0]?.trim() ?? '';
  if (!/^[\x21-\x7e]+$/.test(token) || token.length < LEAST) {
    throw new ViprError('CONFIG_INVALID', `The first line of ${path} is not a token.`, {
      hint: `Write one of at least ${LEAST} printable characters without blanks: \`openssl rand -hex 32 > ${path}\`.`,
    });
  }
  return new BearerToken(token);
}

async function readStart(path: string): Promise<{ text: string; mode: number; uid: number }> {
  try {
    await using file = await open(path);
    // Of the file that is read, whatever the path names by now.
    const { mode, uid } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST), 0, MOST, 0);
    return { text: buffer.toString('utf8', 0, bytesRead), mode, uid };
  } catch (error) {
    throw unreadable(`The token's file ${path}`, error);
  }
}

/** Digests are of one length, which timingSafeEqual asks for. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
