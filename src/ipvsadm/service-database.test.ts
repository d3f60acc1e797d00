import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServiceDatabase } from './service-database.ts';

test('services are found by name, alias and port of their protocol', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vipr-services-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'services');
  writeFileSync(
    path,
    '# services\nhttp\t80/tcp\twww # WorldWideWeb\nother 80/tcp\nhttp 8000/udp\nbroken\nodd x/tcp\n',
  );
  const services = new ServiceDatabase(path);
  assert.equal(services.port('http', 'tcp'), 80);
  assert.equal(services.port('www', 'tcp'), 80);
  assert.equal(services.port('http', 'udp'), 8000);
  assert.equal(services.port('www', 'udp'), undefined);
  assert.equal(services.port('odd', 'tcp'), undefined);
  assert.equal(services.name(80, 'tcp'), 'http');
  assert.equal(services.name(80, 'udp'), undefined);
});

test('a system without the file knows no names', () => {
  const services = new ServiceDatabase('/nonexistent/services');
  assert.equal(services.port('http', 'tcp'), undefined);
  assert.equal(services.name(80, 'tcp'), undefined);
});
