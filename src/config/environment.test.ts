import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigInvalidError } from './config-problem.ts';
import { parseConfig } from './load-config.ts';

const ENVIRONMENT = { SERVER: '10.0.0.1', WEIGHT: '7', NAME: 'web', YES: 'true', EMPTY: '', TRICKY: '[1]' };

/** `$` before braces, which linters take for a mistake in plain text. */
const text = (template: string) => template.replaceAll('%', '$');
const parse = (template: string) => parseConfig(text(template), 'f', ENVIRONMENT);

test('references are replaced in values, as YAML would have read them without quotes', () => {
  const { table, api } = parse(`
api: { listen: 127.0.0.1:80, token-file: "/etc/%{NAME}/%%{x}%" }
services:
  - service: tcp %{VIP:-192.0.2.1}:80
    persistence: %{YES}
    destinations:
      - address: %{SERVER}:80
        weight: %{WEIGHT}
      - { address: "%{SERVER}:81", weight: 1 }
`);
  assert.equal(api?.tokenFile, text('/etc/web/%{x}%'));
  const [service] = table.services;
  assert.equal(service?.persistenceTimeout, 300);
  assert.deepEqual(
    service?.destinations.map(({ address, port, weight }) => [address, port, weight]),
    [
      ['10.0.0.1', 81, 1],
      ['10.0.0.1', 80, 7],
    ],
  );
});

test('keys are left alone, and what is replaced does not become a list', () => {
  assert.deepEqual(messagesOf('"%{NAME}": 1'), [text('f:1:1: %{NAME}: is not a key here; there are ')]);
  assert.deepEqual(messagesOf('services: %{TRICKY}'), ['f:1:11: services: must be a list, not "[1]"']);
  assert.deepEqual(messagesOf('workers: "%{WEIGHT}"'), [
    'f:1:10: workers: must be a whole number from 1 to 1024, not "7"',
  ]);
});

test('references that cannot be resolved are all told, each with its place', () => {
  const file = `
api:
  listen: "a %{SERVER} %{GONE} %{GONE:-x} %{1}"
  token-file: %{GONE`;
  assert.deepEqual(messagesOf(file), [
    text('f:3:24: the environment has no GONE: set it, or give a default, %{GONE:-default}'),
    text(
      'f:3:43: %{1} is not a reference to the environment: write %{NAME} or %{NAME:-default}, and %% for a dollar',
    ),
    text(
      'f:4:15: %{GONE is not a reference to the environment: write %{NAME} or %{NAME:-default}, and %% for a dollar',
    ),
  ]);
});

test('a reference in braces without quotes is explained', () => {
  const [first] = messagesOf('services: [{ service: tcp %{SERVER}:80 }]');
  assert.match(first ?? '', /\(a reference to the environment needs quotes here: "tcp \$\{SERVER\}/);
});

test('problems are told of where the reference stands', () => {
  assert.deepEqual(messagesOf('drift: %{NAME}'), [
    'f:1:8: drift: must be report, repair or ignore, not "web"',
  ]);
});

function messagesOf(template: string): string[] {
  try {
    parse(template);
  } catch (error) {
    assert.ok(error instanceof ConfigInvalidError, String(error));
    return error.message.split('\n').map((line) => line.replace(/there are .*/, 'there are '));
  }
  return [];
}
