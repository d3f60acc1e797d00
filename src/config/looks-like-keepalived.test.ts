import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looksLikeKeepalived } from './looks-like-keepalived.ts';

const cases: readonly (readonly [path: string, text: string, keepalived: boolean])[] = [
  ['vipr.yaml', 'virtual_server 192.0.2.10 80 {', false],
  ['vipr.YML', '', false],
  ['/etc/keepalived/keepalived.conf', '', true],
  ['vipr.conf', 'services: []', true],
  ['/usr/share/doc/keepalived/samples/keepalived.conf.conditional_conf', '@high net_namespace high', true],
  ['keepalived.conf.old', '', true],
  ['keepalived.conf.yaml', '', false],
  ['keepalived.conf.d/web', 'services: []', false],
  ['saved', 'services: []', false],
  ['saved', '', false],
  ['saved', '# only\n  ! comments\n', false],
  ['saved', '! Configuration File for keepalived\n\nglobal_defs {\n', true],
  ['saved', '# x\n  virtual_server 192.0.2.10 80 {\n', true],
  ['saved', 'virtual_server\tfwmark 1 {\n', true],
  ['saved', 'virtual_server 2001:db8::10 80 {\n', true],
  ['saved', 'virtual_server: 3\n', false],
  ['saved', '\uFEFFvrrp_instance VI_1 {\n', true],
  ['saved', 'include /etc/keepalived/conf.d/*.conf\n', true],
  ['saved', 'include: conf.d/*.yaml\n', false],
  ['saved', '$VIP=192.0.2.10\n', true],
  ['saved', 'engine: relay\nvirtual_server 192.0.2.10 80 {\n', false],
];

for (const [path, text, keepalived] of cases) {
  test(`${path} with ${JSON.stringify(text)} is ${keepalived ? "keepalived's" : "vipr's"}`, () => {
    assert.equal(looksLikeKeepalived(path, text), keepalived);
  });
}
