import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Inspect, scriptRisk } from './script-risk.ts';

const DIRECTORY = 0o040755;
const FILE = 0o100755;

describe('scriptRisk', () => {
  it('finds none where all is root’s alone', async () => {
    assert.equal(await scriptRisk('/opt/check', files({})), undefined);
  });

  it('finds none in what does not exist', async () => {
    assert.equal(await scriptRisk('/opt/check', async () => undefined), undefined);
  });

  const RISKS: [string, Parameters<typeof files>[0], string][] = [
    ['a file of someone else', { '/opt/check': { uid: 5 } }, '/opt/check belongs to the user 5'],
    ['a folder of someone else', { '/opt': { uid: 5 } }, '/opt belongs to the user 5'],
    [
      'a file that all can write',
      { '/opt/check': { mode: 0o100777 } },
      '/opt/check can be written by everybody',
    ],
    ['a folder that all can write', { '/opt': { mode: 0o040777 } }, '/opt can be written by everybody'],
    ['a group that can write', { '/opt': { gid: 8, mode: 0o040775 } }, '/opt can be written by the group 8'],
    [
      'a link of someone else',
      { '/opt/check': { uid: 5, mode: 0o120777 } },
      '/opt/check belongs to the user 5',
    ],
  ];
  for (const [what, changes, risk] of RISKS) {
    it(`finds ${what}`, async () => assert.equal(await scriptRisk('/opt/check', files(changes)), risk));
  }

  it('allows sticky folders, links of root and its own group', async () => {
    const changes = {
      '/opt': { mode: 0o041777 },
      '/opt/check': { mode: 0o120777 },
      '/': { mode: 0o040775 },
    };
    assert.equal(await scriptRisk('/opt/check', files(changes)), undefined);
  });

  it('wants an absolute path', async () => {
    assert.match((await scriptRisk('check', files({}))) ?? '', /not an absolute path/);
  });
});

function files(changes: Record<string, { uid?: number; gid?: number; mode?: number }>): Inspect {
  return async (path) => ({
    uid: 0,
    gid: 0,
    mode: path.endsWith('check') ? FILE : DIRECTORY,
    ...changes[path],
  });
}
