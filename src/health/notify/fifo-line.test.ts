import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DestinationKey } from '../../model/destination.ts';
import type { ServiceKey } from '../../model/service.ts';
import { fifoLine } from './fifo-line.ts';

const service = 'tcp 192.0.2.10:80' as ServiceKey;
const destination = '10.0.0.11:8080' as DestinationKey;
const text = 'for people';

it("writes keepalived's lines for destinations and quorums", () => {
  assert.equal(
    fifoLine({ kind: 'destination', service, destination, state: 'down', text }),
    'RS [10.0.0.11]:tcp:8080 [192.0.2.10]:tcp:80 DOWN\n',
  );
  assert.equal(fifoLine({ kind: 'quorum', service, state: 'up', text }), 'VS [192.0.2.10]:tcp:80 UP\n');
});

it('names firewall marks and IPv6 as keepalived does', () => {
  const mark = 'fwmark 3 inet6' as ServiceKey;
  const inet6 = '[2001:db8::1]:0' as DestinationKey;
  assert.equal(fifoLine({ kind: 'quorum', service: mark, state: 'down', text }), 'VS FWM 3 DOWN\n');
  assert.equal(
    fifoLine({ kind: 'destination', service: mark, destination: inet6, state: 'up', text }),
    'RS [2001:db8::1]:none:0 FWM 3 UP\n',
  );
});

it('has no line for what keepalived does not tell', () => {
  assert.equal(fifoLine({ kind: 'sorry-server', service, destination, state: 'up', text }), undefined);
  assert.equal(fifoLine({ kind: 'hung-check', service, destination, text }), undefined);
});
