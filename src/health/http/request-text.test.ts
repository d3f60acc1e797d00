import assert from 'node:assert/strict';
import { test } from 'node:test';
import manifest from '../../../package.json' with { type: 'json' };
import { type IpAddress, parseIpAddress } from '../../model/address.ts';
import type { HttpProbe, HttpRequest } from '../../model/check.ts';
import type { Port } from '../../model/unit.ts';
import { connectTarget } from '../connect/connect-target.ts';
import { requestText } from './request-text.ts';

const text = (
  request: Partial<HttpRequest>,
  probe: Partial<HttpProbe> = {},
  address = '10.0.0.1',
  port = 8080,
) => {
  const whole: HttpRequest = { path: '/health?full=1', method: 'GET', status: [], ...request };
  const target = connectTarget(
    { address: ip(address), port: port as Port },
    { address: ip('10.9.9.9'), port: 1 as Port },
  );
  return requestText({ kind: 'http', version: '1.1', requests: [whole], ...probe }, whole, target);
};

test('a request has these headers, and no others', () => {
  assert.equal(
    text({}),
    `GET /health?full=1 HTTP/1.1\r\nHost: 10.0.0.1:8080\r\nUser-Agent: vipr/${manifest.version}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(text({ method: 'HEAD' }, { version: '1.0' }), /^HEAD \/health\?full=1 HTTP\/1\.0\r\n/);
});

test('the Host header is the virtual host, or the address without the usual port', () => {
  assert.match(text({ virtualHost: 'www.example:81' }), /\nHost: www\.example:81\r\n/);
  assert.match(text({}, {}, '2001:db8::1', 8080), /\nHost: \[2001:db8::1\]:8080\r\n/);
  assert.match(text({}, {}, '2001:db8::1', 80), /\nHost: \[2001:db8::1\]\r\n/);
  assert.match(text({}, { tls: { verify: false } }, '10.0.0.1', 443), /\nHost: 10\.0\.0\.1\r\n/);
  assert.match(text({}, { tls: { verify: false } }, '10.0.0.1', 80), /\nHost: 10\.0\.0\.1:80\r\n/);
});

test('a path cannot add to the request, nor a virtual host', () => {
  assert.match(text({ path: 'a b\r\nX: ü%20' }), /^GET \/a%20b%0D%0AX:%20%C3%BC%20 HTTP\/1\.1\r\nHost/);
  assert.throws(() => text({ virtualHost: 'a\r\nX: y' }), { message: /the virtual host cannot be sent/ });
});

function ip(address: string): IpAddress {
  const parsed = parseIpAddress(address);
  assert.ok(parsed !== undefined);
  return parsed;
}
