import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { guardedEntry, nativeKoffi, versionGuard } from './bundle-plugins.mjs';
import { checkout, ScriptError } from './checkout.mjs';
import { DOORS } from './doors.mjs';
import { publishFiles } from './publish-files.mjs';

const OUTPUT = `${checkout}/dist`;
const IPVSADM = { ipvsadm: 'main.ts', 'ipvsadm-save': 'save.ts', 'ipvsadm-restore': 'restore.ts' };

/** Bundles src/ into dist/, flat. A file whose content stays the same is not touched, nor a director that runs it disturbed. */
export async function build() {
  const esbuild = await loadEsbuild();
  if (esbuild === undefined) return;
  try {
    const results = await Promise.all([ipvsadm(), vipr()].map((options) => esbuild.build(options)));
    publishFiles(
      OUTPUT,
      results.flatMap(({ outputFiles }) => outputFiles),
    );
  } catch (cause) {
    if (!Array.isArray(cause.errors)) throw cause;
    throw new ScriptError('the bundles cannot be built; the reasons are above', { cause });
  } finally {
    await esbuild.stop();
  }
}

const COMMON = {
  absWorkingDir: checkout,
  bundle: true,
  format: 'esm',
  legalComments: 'inline',
  logLevel: 'warning',
  outdir: OUTPUT,
  platform: 'node',
  write: false,
};

/**
 * One CommonJS file each: what starts fastest, and what an old Node.js can at least parse and refuse. (ECMAScript modules start
 * some 4 ms later, and an import of node:net evaluates all its exports.)
 */
function ipvsadm() {
  const entryPoints = Object.entries(IPVSADM).map(([out, file]) => ({ out, in: `src/ipvsadm/${file}` }));
  return {
    ...COMMON,
    entryPoints,
    target: 'node20',
    // Binary code: it is loaded from node_modules, and only for the kernel's IPVS.
    plugins: [nativeKoffi],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    banner: { js: versionGuard() },
  };
}

/** The director with its threads, and the library: one build, so that they share code, and one ViprError. */
function vipr() {
  const threads = readdirSync(`${checkout}/src/engines`, { recursive: true })
    .filter((file) => file.endsWith('-thread.ts'))
    .map((file) => ({ out: basename(file, '.ts'), in: `src/engines/${file}` }));
  const library = DOORS.map((out) => ({ out, in: `src/${out}.ts` }));
  return {
    ...COMMON,
    // The guard runs before the packages load: an old Node.js may fail in those.
    entryPoints: [{ out: 'vipr', in: 'vipr-entry' }, ...threads, ...library],
    chunkNames: 'chunk-[hash]',
    packages: 'external',
    plugins: [guardedEntry('vipr-entry', './src/commands/main.ts')],
    splitting: true,
    target: 'node26',
  };
}

/** Undefined where esbuild is not installed and dist/ is there already: in what npm unpacked, without development dependencies. */
async function loadEsbuild() {
  try {
    return await import('esbuild');
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    if (existsSync(`${OUTPUT}/ipvsadm.cjs`)) return undefined;
    throw new ScriptError(
      'esbuild is not installed, and dist/ has yet to be built: run npm ci --include=dev',
    );
  }
}
