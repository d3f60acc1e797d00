import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { resolveScriptUser } from './script-user.ts';

const folder = mkdtempSync(join(tmpdir(), 'vipr-user-'));
after(() => rmSync(folder, { recursive: true }));
const files = { passwd: join(folder, 'passwd'), group: join(folder, 'group') };
const uid = process.getuid?.() ?? 0;
writeFileSync(
  files.passwd,
  `+nis::::::\nroot:x:0:0:root:/root:/bin/sh\nchecker:x:901:902:Checks:/var/lib/c:/bin/false\nme:x:${uid + 5000}:7::/me:\n`,
);
writeFileSync(
  files.group,
  'root:x:0:\nchecker:x:902:checker\nssl:x:903:web,checker\nweb:x:904:web\nlog:x:905:checker\n',
);

describe('resolveScriptUser', () => {
  it('is nobody special where the command names no one', async () => {
    assert.equal(await resolveScriptUser({}, files), undefined);
  });

  it('finds the user, its first group and its others', async () => {
    assert.deepEqual(await resolveScriptUser({ user: 'checker' }, files), {
      name: 'checker',
      uid: 901,
      gid: 902,
      supplementaryGroups: [903, 905],
      home: '/var/lib/c',
    });
  });

  it('takes the group of the command as the first one', async () => {
    const user = await resolveScriptUser({ user: 'checker', group: 'ssl' }, files);
    assert.equal(user?.gid, 903);
    assert.deepEqual(user?.supplementaryGroups, [902, 905]);
  });

  it('says in which file a name is missing', async () => {
    await assert.rejects(resolveScriptUser({ user: 'nis' }, files), {
      message: `there is no user nis in ${files.passwd}`,
    });
    await assert.rejects(resolveScriptUser({ user: 'checker', group: 'none' }, files), {
      message: `there is no group none in ${files.group}`,
    });
  });

  it('says which file cannot be read', async () => {
    await assert.rejects(resolveScriptUser({ user: 'x' }, { ...files, passwd: join(folder, 'none') }), {
      message: `${join(folder, 'none')} cannot be read (ENOENT)`,
    });
  });
});
