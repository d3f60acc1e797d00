import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { Verdict } from '../../src/health/checker.ts';
import { httpChecker } from '../../src/health/http-checker.ts';
import type { HttpProbe, TlsSettings } from '../../src/model/check.ts';
import { type CertificateFiles, type CertificateWishes, makeCertificate } from './fixture/certificate.ts';
import { response } from './fixture/http-fixture.ts';
import { startTarget, streamTarget } from './fixture/stream-target.ts';

const folder = mkdtempSync(join(tmpdir(), 'vipr-tls-'));
after(() => rmSync(folder, { recursive: true }));

const authority = makeCertificate(folder, 'authority', { authority: true });
const stranger = makeCertificate(folder, 'stranger', { authority: true });

describe('certificates', () => {
  test('one of the authority, for this name and this address, is good', async () => {
    const server = certificate('good', { names: ['web.example'], addresses: ['127.0.0.1'] });
    await expect(server, { serverName: 'web.example' }, /^HTTP 200$/);
    await expect(server, {}, /^HTTP 200$/);
    await expect(server, { serverName: '127.0.0.1' }, /^HTTP 200$/);
  });

  test('the name is asked for, an address is not', async () => {
    const server = certificate('sni', { names: ['web.example'], addresses: ['127.0.0.1'] });
    assert.equal((await ask(server, { serverName: 'web.example' })).asked, 'web.example');
    assert.equal((await ask(server, { serverName: '127.0.0.1' })).asked, false);
    assert.equal((await ask(server, {})).asked, false);
  });

  test('one for another name or address says for which', async () => {
    const server = certificate('other', { names: ['a.example', 'b.example'] });
    await expect(
      server,
      { serverName: 'web.example' },
      /certificate "other" is not for web\.example, but for DNS:a\.example, DNS:b\.example/,
    );
    await expect(server, {}, /certificate "other" is not for 127\.0\.0\.1/);
  });

  test('one that has expired, or is not valid yet, says since when', async () => {
    const names = ['web.example'];
    const old = certificate('old', { names, until: new Date('2021-02-03') });
    await expect(old, { serverName: 'web.example' }, /certificate "old" expired on 2021-02-03/);
    const early = certificate('early', { names, from: new Date('2099-04-05') });
    await expect(early, { serverName: 'web.example' }, /certificate "early" is not valid before 2099-04-05/);
  });

  test('one that signs itself says so', async () => {
    const own = makeCertificate(folder, 'own', { names: ['web.example'] });
    await expect(own, { serverName: 'web.example' }, /certificate "own" is signed by itself/);
  });

  test('one of another authority names it', async () => {
    const server = certificate('foreign', { names: ['web.example'] }, stranger);
    await expect(
      server,
      { serverName: 'web.example' },
      /certificate "foreign" is issued by "stranger", which is neither/,
    );
    const chain = { ...server, cert: server.cert + stranger.cert };
    await expect(
      chain,
      { serverName: 'web.example' },
      /certificate "foreign" ends at the authority "stranger", which is not trusted/,
    );
    await expect(server, { serverName: 'web.example', verify: false }, /^HTTP 200$/);
  });

  test('the system’s authorities do not know one of ours', async () => {
    const server = certificate('ours', { names: ['web.example'] });
    const verdict = await ask(server, { serverName: 'web.example', trusts: 'the system' });
    assert.match(verdict.detail, /certificate "ours" is issued by "authority", which is neither/);
  });

  test('the file of authorities is read again when it has changed', async () => {
    const server = certificate('again', { names: ['web.example'] });
    const file = join(folder, 'changing.pem');
    const settings = { serverName: 'web.example', certificateAuthority: file };
    await expect(server, settings, /cannot use the authorities in .*changing\.pem: there is no such file/);
    writeFileSync(file, 'nothing');
    await expect(server, settings, /it has no certificate in PEM form/);
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await expect(server, settings, /its certificate 1 is damaged/);
    put(stranger, file);
    await expect(server, settings, /issued by "authority"/);
    put(authority, file);
    await expect(server, settings, /^HTTP 200$/);
    rmSync(file);
    await expect(server, settings, /^HTTP 200$/);
  });
});

function certificate(name: string, wishes: CertificateWishes, issuer = authority): CertificateFiles {
  return makeCertificate(folder, name, { ...wishes, issuer });
}

async function expect(
  server: CertificateFiles,
  settings: Partial<TlsSettings>,
  detail: RegExp,
): Promise<void> {
  assert.match((await ask(server, settings)).detail, detail);
}

/** Asks a server with this certificate, by default as one who trusts {@link authority}. `asked`: the name in its SNI, or false. */
async function ask(
  server: CertificateFiles,
  { trusts = authority.file, ...settings }: Partial<TlsSettings> & { trusts?: string | 'the system' },
): Promise<Verdict & { readonly asked: unknown }> {
  let asked: unknown;
  const probe: HttpProbe = {
    kind: 'http',
    version: '1.1',
    tls: { verify: true, ...(trusts !== 'the system' && { certificateAuthority: trusts }), ...settings },
    requests: [{ path: '/', method: 'GET', status: [] }],
  };
  const target = await startTarget(
    streamTarget(
      probe,
      (socket) => {
        if (socket instanceof TLSSocket) asked = 'servername' in socket && socket.servername;
        socket.once('data', () => socket.end(response(200, 'well')));
      },
      server,
    ),
  );
  try {
    const verdict = await httpChecker.check({ ...target.attempt, signal: new AbortController().signal });
    return { ...verdict, asked };
  } finally {
    await target.close();
  }
}

/** In one go, as whoever replaces a file that is in use should. */
function put(certificate: CertificateFiles, file: string): void {
  copyFileSync(certificate.file, `${file}.new`);
  renameSync(`${file}.new`, file);
}
