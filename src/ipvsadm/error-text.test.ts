import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_CODES, ViprError, type ViprErrorCode } from '../model/error.ts';
import { errorText } from './error-text.ts';

const CODES = Object.keys(ERROR_CODES) as ViprErrorCode[];
const text = (code: ViprErrorCode, kind?: Parameters<typeof errorText>[1]): string =>
  errorText(new ViprError(code, 'Message.', { hint: 'Hint.' }), kind);

test("every code has a text; what the original cannot have is told in vipr's words", () => {
  const own = CODES.filter((code) => text(code) === 'Message. Hint.');
  assert.ok(own.includes('NOT_SUPPORTED_BY_ENGINE'));
  assert.ok(own.includes('ADDRESS_IN_USE'));
  assert.ok(!own.includes('SERVICE_EXISTS'));
  assert.equal(errorText(new ViprError('ADDRESS_IN_USE', 'Message.'), undefined), 'Message.');
});

test('a missing service is told apart by the command', () => {
  assert.equal(text('SERVICE_NOT_FOUND', 'delete-service'), 'No such service');
  assert.equal(text('SERVICE_NOT_FOUND', 'zero'), 'No such service');
  assert.equal(text('SERVICE_NOT_FOUND', 'add-destination'), 'Service not defined');
  assert.equal(text('SERVICE_NOT_FOUND', 'delete-destination'), 'Service not defined');
});

test('where IPVS has the error, the text is of its errno', () => {
  assert.equal(text('INTERFACE_NOT_FOUND'), 'No such device');
  assert.equal(text('DAEMON_RUNNING'), 'Daemon has already run');
  const unreachable = new ViprError('SYSTEM_CALL_FAILED', 'Message.', {
    errno: 'ENETUNREACH',
    hint: 'Hint.',
  });
  assert.equal(errorText(unreachable, 'start-daemon'), 'Network is unreachable');
  assert.equal(text('SYSTEM_CALL_FAILED'), 'Message. Hint.');
});
