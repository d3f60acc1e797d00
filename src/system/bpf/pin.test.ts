import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { umount2 } from '../libc.ts';
import { BpfFileSystemError, ensureBpfFileSystem, isBpfFileSystem } from './bpf-file-system.ts';
import { BpfMap } from './bpf-map.ts';
import { BPF_MAP_TYPE_ARRAY } from './constants.ts';
import { openPinned, pin } from './pin.ts';
import { loadTinyObject, whyNoTinyObject } from './testing/tiny-object.ts';
import { whyNoBpf } from './testing/why-no-bpf.ts';

describe('pins', { skip: whyNoBpf }, () => {
  const options = { type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 8, maxEntries: 3, name: 'pinned' };
  const key = new Uint8Array(4);
  const value = new Uint8Array(8).fill(9);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipr-bpffs-'));
    assert.equal(isBpfFileSystem(folder), false);
    ensureBpfFileSystem(folder);
  });

  after(() => {
    umount2(folder, 0);
    rmdirSync(folder);
  });

  it('mounts a BPF file system once', () => {
    assert.equal(isBpfFileSystem(folder), true);
    ensureBpfFileSystem(folder);
    ensureBpfFileSystem(join(folder, 'a', 'b'));
    assert.equal(umount2(join(folder, 'a', 'b'), 0), -1, 'a directory of one is no mount of its own');
  });

  it('keeps a map beyond its descriptor', () => {
    const path = join(folder, 'map');
    const map = BpfMap.create(options);
    map.update(key, value);
    pin(map, path);
    assert.throws(() => pin(map, path), { code: 'EEXIST' });
    map.close();
    const again = BpfMap.fromDescriptor(openPinned(path));
    assert.deepEqual(again.lookup(key), value);
    assert.equal(again.name, 'pinned');
    again.close();
    rmSync(path);
    assert.throws(() => openPinned(path), {
      code: 'ENOENT',
      message: `BPF_OBJ_GET ${path}: no such file or directory (ENOENT)`,
    });
  });

  it('has objects take the map that is pinned', { skip: whyNoTinyObject }, () => {
    const path = join(folder, 'entries');
    const setPath = (each: ReturnType<typeof loadTinyObject>) => each.map('entries').setPinPath(path);
    const first = loadTinyObject(setPath);
    assert.ok(existsSync(path));
    const entries = first.map('entries').open();
    entries.update(key, value);
    entries.close();
    first.close();
    const second = loadTinyObject(setPath);
    const found = second.map('entries').open();
    assert.deepEqual(found.lookup(key), value);
    found.close();
    second.close();
    assert.throws(
      () =>
        loadTinyObject((each) => {
          setPath(each);
          each.map('entries').setMaxEntries(99);
        }),
      /entries.*parameter mismatch/s,
    );
    rmSync(path);
  });

  it('cannot be outside a BPF file system', () => {
    const map = BpfMap.create(options);
    const other = mkdtempSync(join(tmpdir(), 'vipr-no-bpffs-'));
    try {
      assert.throws(() => pin(map, join(other, 'map')), { code: 'EPERM' });
      const file = join(other, 'file');
      writeFileSync(file, '');
      assert.throws(
        () => ensureBpfFileSystem(file),
        (error) => error instanceof BpfFileSystemError && error.message.startsWith(`${file} is not on a BPF`),
      );
    } finally {
      map.close();
      rmSync(other, { recursive: true });
    }
  });
});
