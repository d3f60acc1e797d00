import { readFileSync } from 'node:fs';
import { checkout } from './checkout.mjs';

/** A statement that ends the process with a message where Node.js is older than package.json's `engines` wants. */
export function versionGuard() {
  const { engines } = JSON.parse(readFileSync(`${checkout}/package.json`, 'utf8'));
  const least = Number(/\d+/.exec(engines.node)[0]);
  return [
    `if (Number.parseInt(process.versions.node, 10) < ${least}) {`,
    `  console.error('vipr needs Node.js ${least} or newer; ' + process.execPath + ' is ' + process.version);`,
    '  process.exit(2);',
    '}',
  ].join('\n');
}

/** An entry point of the name `name` that checks the version of Node.js and then loads `file`. */
export function guardedEntry(name, file) {
  const contents = `${versionGuard()}\nawait import(${JSON.stringify(file)});\n`;
  return {
    name: 'guarded-entry',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
        path: name,
        namespace: 'guarded-entry',
      }));
      build.onLoad({ filter: /./, namespace: 'guarded-entry' }, () => ({ contents, resolveDir: checkout }));
    },
  };
}

/**
 * Has `koffi` loaded as its native library alone: its own JavaScript looks for that in many places, which takes 6 of the 7 ms.
 * Where the library does not lie where npm puts it, or the C library may be musl, koffi finds what there is.
 */
export const nativeKoffi = {
  name: 'native-koffi',
  setup(build) {
    build.onResolve({ filter: /^koffi$/ }, ({ namespace }) =>
      namespace === 'native-koffi'
        ? { path: 'koffi', external: true }
        : { path: 'koffi', namespace: 'native-koffi' },
    );
    build.onLoad({ filter: /./, namespace: 'native-koffi' }, () => ({
      contents: NATIVE_KOFFI,
      resolveDir: checkout,
    }));
  },
};

const NATIVE_KOFFI = `
const { arch } = process;
let native;
try {
  const musl = require('node:fs').existsSync('/lib/ld-musl-' + (arch === 'x64' ? 'x86_64' : 'aarch64') + '.so.1');
  if (!musl) native = require('@koromix/koffi-linux-' + arch + '/linux_' + arch + '/koffi.node');
} catch {}
module.exports = native && native.load ? native : require('koffi');
`;
