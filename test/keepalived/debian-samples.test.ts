import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigInvalidError, formatProblem } from '../../src/config/config-problem.ts';
import { hostEnvironment } from '../../src/config/keepalived/load-keepalived-config.ts';
import { parseKeepalivedConfig } from '../../src/config/keepalived/parse-keepalived-config.ts';
import { serviceKey } from '../../src/model/service.ts';
import { unpackedAlone } from '../vm/lab/packages.ts';
import { LabUnavailable } from '../vm/lab/unavailable.ts';

/** Where the package `keepalived` has its samples. */
const SAMPLES = 'usr/share/doc/keepalived/samples';

const RULES = '26:12: must be an address or a network, such as 192.0.2.0/24, not "192.168.200./24"';

/** Samples that are no configuration: `keepalived -t` of Debian 12 refuses them, too. */
const DEFECTIVE: Readonly<Record<string, readonly string[]>> = {
  // The members of the group stand outside of `group { … }`: "Unknown keyword 'VI_2'".
  'keepalived.conf.vrrp.lvs_syncd': [
    '4:3: VI_2 is not a keyword of vrrp_sync_group',
    '5:3: VI_3 is not a keyword of vrrp_sync_group',
  ],
  // "parsed invalid IP 192.168.200./24. skipping": keepalived goes on without the rule.
  'keepalived.conf.vrrp.rules': [RULES],
};

/** Services of the samples that are about LVS. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  'keepalived.conf.virtual_server_group': [
    'tcp 10.0.0.1:8080',
    'tcp 10.0.0.2:80',
    'tcp 192.168.200.1:1358',
    ...[3, 4, 5, 6, 7, 8, 9, 10].map((last) => `tcp 192.168.200.${last}:80`),
    'fwmark 1 inet',
    'fwmark 2 inet',
  ],
  'keepalived.conf.fwmark': ['fwmark 1 inet'],
  'keepalived.conf.IPv6': ['tcp [ae00::1]:80'],
  'keepalived.conf.quorum': ['tcp 10.0.1.1:80'],
};

const found = samples();

describe("keepalived's samples are read", { skip: typeof found === 'string' && found }, () => {
  const paths = typeof found === 'string' ? [] : found;
  it('are there', () => assert.ok(paths.length > 20, `${paths.length} samples`));
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const defects = DEFECTIVE[name];
    it(defects === undefined ? name : `${name}, which is defective`, async () => {
      if (defects !== undefined) {
        assert.deepEqual(await errorsOf(path), defects);
        return;
      }
      const { table, warnings } = await read(path);
      for (const { line, message } of warnings) assert.ok(line > 0 && message !== '');
      const keys = table.services.map(({ id }) => serviceKey(id) as string);
      if (SERVICES[name] !== undefined) assert.deepEqual(keys, SERVICES[name]);
    });
  }
});

/** One of them has to be told which of two hosts it is for. */
async function read(path: string) {
  const environment = { ...hostEnvironment(path), configId: 'high' };
  return parseKeepalivedConfig(await readFile(path, 'utf8'), path, environment);
}

async function errorsOf(path: string): Promise<string[]> {
  try {
    await read(path);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return error.problems.map((problem) => formatProblem(problem).slice(path.length + 1));
  }
}

/** The installed samples, or those of the package, which is unpacked and not installed; otherwise why there are none. */
function samples(): string[] | string {
  try {
    const installed = join('/', SAMPLES);
    const directory = existsSync(installed) ? installed : join(unpackedAlone('keepalived'), SAMPLES);
    return readdirSync(directory)
      .filter((name) => name.startsWith('keepalived.conf'))
      .map((name) => join(directory, name));
  } catch (error) {
    if (error instanceof LabUnavailable) return error.message;
    return `the package keepalived cannot be had: ${error instanceof Error ? error.message : error}`;
  }
}
