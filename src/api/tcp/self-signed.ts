import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Paths of a PEM certificate and its key, for tests. */
export interface SelfSigned {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate for localhost and 127.0.0.1 that is its own authority; undefined where openssl is missing. */
export function selfSigned(directory: string, name: string): SelfSigned | undefined {
  const certificate = join(directory, `${name}.pem`);
  const key = join(directory, `${name}.key`);
  const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name}`;
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate];
  try {
    execFileSync('openssl', [...request.split(' '), ...names], { stdio: 'ignore' });
    return { certificate, key };
  } catch {
    return undefined;
  }
}
