import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from './source-file.ts';

/** What the programs of a {@link FakePackage} print about themselves. */
export interface Sighting {
  readonly program: string;
  readonly args: readonly string[];
  readonly pid: number;
  readonly node: string;
  readonly libraryPath: string | null;
}

/** A package with the real bin/, and programs in dist/ that print a {@link Sighting} and exit with FAKE_EXIT. */
export class FakePackage implements Disposable {
  /** Readable by everybody, removed with the package; room for links to it. */
  readonly directory = mkdtempSync(join(tmpdir(), 'vipr-wrappers-'));
  readonly root = join(this.directory, 'with space');

  constructor() {
    for (const folder of ['bin', 'dist', 'src/ipvsadm'])
      mkdirSync(join(this.root, folder), { recursive: true });
    for (const file of readdirSync(join(CHECKOUT, 'bin'))) {
      copyFileSync(join(CHECKOUT, 'bin', file), join(this.root, 'bin', file));
    }
    for (const name of ['ipvsadm', 'ipvsadm-save', 'ipvsadm-restore']) {
      this.write(`dist/${name}.cjs`, programText(name));
    }
    this.write('dist/vipr.js', programText('vipr'));
    this.write('src/ipvsadm/main.ts', programText('ipvsadm from source'));
    this.linkNode('node_modules/node/bin/node');
    chmodSync(this.directory, 0o755);
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  /** Puts the Node.js of this process at a path of the package. */
  linkNode(path: string): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true });
    symlinkSync(process.execPath, join(this.root, path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function programText(name: string): string {
  return `console.log(JSON.stringify({
    program: ${JSON.stringify(name)},
    args: process.argv.slice(2),
    pid: process.pid,
    node: process.argv0,
    libraryPath: process.env.LD_LIBRARY_PATH ?? null,
  }));
  process.exitCode = Number(process.env.FAKE_EXIT ?? 0);\n`;
}
