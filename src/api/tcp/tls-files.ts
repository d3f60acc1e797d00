import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ViprError } from '../../model/error.ts';
import type { TcpSettings } from './tcp-settings.ts';
import { unreadable } from './unreadable.ts';

/** What an HTTPS server needs. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** Reads certificate and key, and makes sure that they belong together. Throws CONFIG_UNREADABLE, CONFIG_INVALID. */
export async function readTlsFiles({
  certificate,
  key,
}: NonNullable<TcpSettings['tls']>): Promise<TlsMaterial> {
  const material: TlsMaterial = {
    cert: await read(`The certificate ${certificate}`, certificate),
    key: await read(`The key ${key}`, key),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(material);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ViprError('CONFIG_INVALID', `${certificate} and ${key} cannot be used for TLS: ${reason}.`, {
      cause,
      hint: 'Give a PEM file with the certificate and those that it needs, and one with its key, without a passphrase.',
    });
  }
  return material;
}

async function read(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(what, error);
  }
}
