import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackedWithDependencies } from '../../vm/lab/packages.ts';
import type { Host } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import type { Program } from '../lab/program.ts';

/** The cache's folder of Debian's keepalived with the libraries that it needs. */
const FOLDER = 'keepalived-with-libraries';

/** Starts Debian's keepalived, unpacked and not installed, with VRRP alone. Throws LabUnavailable where it cannot be had. */
export function startKeepalived(lab: Lab, host: Host, configuration: string): Program {
  const root = unpackedWithDependencies(FOLDER, ['keepalived']);
  const fileOf = (suffix: string): string => join(lab.directory, `keepalived-${host.name}.${suffix}`);
  writeFileSync(fileOf('conf'), configuration);
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'].map((path) => join(root, path));
  const files = ['-f', fileOf('conf'), '-p', fileOf('pid'), '-r', fileOf('vrrp.pid')];
  return host.start([join(root, 'usr/sbin/keepalived'), '-n', '-l', '-D', '-P', ...files], {
    environment: { LD_LIBRARY_PATH: libraries.join(':') },
  });
}
