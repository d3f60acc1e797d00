import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { rootScriptRisk } from './root-script-risk.ts';

describe('rootScriptRisk', () => {
  let folder = '';
  let script = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipr-risk-'));
    script = join(folder, 'check');
    await writeFile(script, '#!/bin/sh\n');
    await chmod(script, 0o777);
  });
  after(() => rm(folder, { recursive: true }));

  it('finds what others can change where it runs as root', async () => {
    // Whoever runs this test without being root is another user than root, whose file it is.
    const found = await rootScriptRisk({ argv: [script] }, 0);
    assert.match(found ?? '', /check can be written by everybody|belongs to the user \d+/);
  });

  it('has nothing to say of what does not run as root', async () => {
    assert.equal(await rootScriptRisk({ argv: [script] }, 1000), undefined);
    assert.equal(await rootScriptRisk({ argv: [script], user: 'nobody' }, 0), undefined);
  });

  it('leaves it to whoever runs it that it cannot be started', async () => {
    for (const argv of [[join(folder, 'missing')], ['no-such-program-anywhere'], []]) {
      assert.equal(await rootScriptRisk({ argv }, 0), undefined);
    }
    assert.equal(await rootScriptRisk({ argv: [script], user: 'no-such-user' }, 0), undefined);
  });
});
