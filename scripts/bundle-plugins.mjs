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
