import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkerKinds, checkerOf } from '../../src/health/checker-registry.ts';
import { checkerConformance } from './checker-conformance.ts';
import type { CheckerFixture } from './checker-fixture.ts';
import { dnsFixture } from './fixture/dns-fixture.ts';
import { fileFixture } from './fixture/file-fixture.ts';
import { httpFixture } from './fixture/http-fixture.ts';
import { httpsFixture } from './fixture/https-fixture.ts';
import { miscFixture } from './fixture/misc-fixture.ts';
import { pathFixture } from './fixture/path-fixture.ts';
import { pingFixture } from './fixture/ping-fixture.ts';
import { smtpFixture } from './fixture/smtp-fixture.ts';
import { tcpFixture } from './fixture/tcp-fixture.ts';
import { udpFixture, udpReplyFixture } from './fixture/udp-fixture.ts';
import { enterTestNetwork } from './peer-namespace.ts';

const folder = mkdtempSync(join(tmpdir(), 'vipr-checkers-'));
after(() => rmSync(folder, { recursive: true }));

/** Why there is no network of the test's own; undefined where there is one. */
const network = enterTestNetwork();

const fixtures: readonly CheckerFixture[] = [
  tcpFixture,
  httpFixture,
  httpsFixture(folder),
  smtpFixture,
  udpFixture,
  udpReplyFixture,
  dnsFixture,
  pingFixture(network),
  fileFixture(folder),
  miscFixture,
  pathFixture(network),
];

test('every checker has targets to be held against', () => {
  const missing = checkerKinds.filter((kind) => !fixtures.some((fixture) => fixture.kind === kind));
  assert.deepEqual(missing, []);
});

test('every checker is registered under its own kind', () => {
  for (const kind of checkerKinds) assert.equal(checkerOf(kind).kind, kind);
});

for (const fixture of fixtures) checkerConformance(checkerOf(fixture.kind), fixture);
