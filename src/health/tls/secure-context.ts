import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { explainFailure } from '../connect/explain-failure.ts';
import { CheckFailure } from '../connect/talk.ts';
import { oneLine } from '../one-line.ts';

/** The context of checks that take any certificate. */
export function trustingContext(): SecureContext {
  trusting ??= createSecureContext({ ca: [] });
  return trusting;
}

/**
 * The context that trusts the authorities of a PEM file, or the system's without one. The file is read again when it has changed; one that
 * cannot be used any more leaves the last good one in force, as while it is being replaced. Throws {@link CheckFailure} where there never
 * was a good one. The system's authorities are read once.
 */
export async function trustedContext(file: string | undefined): Promise<SecureContext> {
  if (file === undefined) {
    system ??= createSecureContext({ ca: systemAuthorities() });
    return system;
  }
  const known = byFile.get(file);
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(file);
    const stamp = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
    if (known?.stamp === stamp) return known.context;
    if (size > MOST_FILE_BYTES) throw new CheckFailure(`it is larger than ${MOST_FILE_BYTES} bytes`);
    const context = createSecureContext({ ca: authoritiesIn(await readFile(file, 'utf8')) });
    byFile.set(file, { stamp, context });
    return context;
  } catch (error) {
    if (known !== undefined) return known.context;
    throw new CheckFailure(`cannot use the authorities in ${oneLine(file)}: ${explainFile(error)}`);
  }
}

const MOST_FILE_BYTES = 16 * 1024 * 1024;

let trusting: SecureContext | undefined;
let system: SecureContext | undefined;
const byFile = new Map<string, { readonly stamp: string; readonly context: SecureContext }>();

/** Node.js's own, Mozilla's, where the system has none. */
function systemAuthorities(): string[] {
  const installed = getCACertificates('system');
  return installed.length > 0 ? installed : getCACertificates('default');
}

/** Node.js takes a file without certificates in silence. */
function authoritiesIn(text: string): string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new CheckFailure('it has no certificate in PEM form');
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new CheckFailure(`its certificate ${index + 1} is damaged`);
    }
  }
  return found;
}

function explainFile(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'there is no such file';
  if (error instanceof Error && 'code' in error && error.code === 'EACCES') return 'it may not be read';
  return explainFailure(error);
}
