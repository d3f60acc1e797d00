import { spawnSync } from 'node:child_process';
import { missingPrograms, type RequiredProgram } from './required-program.ts';

/** Why there can be no lab here, or no test in it that runs the programs; undefined where there can. */
export function labUnavailable(...programs: readonly RequiredProgram[]): string | undefined {
  return plainLabUnavailable('ethtool', ...programs);
}

/** {@link labUnavailable} of a lab whose devices keep the offloads that they have: it needs no ethtool. */
export function plainLabUnavailable(...programs: readonly RequiredProgram[]): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.geteuid?.() !== 0) return 'network namespaces need root';
  const missing = missingPrograms('ip', 'mount', 'setpriv', 'unshare', ...programs);
  if (missing !== undefined) return missing;
  const { error, status, stderr } = spawnSync('unshare', ['--net', '--mount', 'sh', '-ec', TRIAL], {
    encoding: 'utf8',
    timeout: TRIAL_MS,
  });
  // A system that hangs is not one that lacks something.
  if (error !== undefined) throw error;
  return status === 0 ? undefined : `namespaces, veth, bridges or a BPF file system fail: ${stderr.trim()}`;
}

const TRIAL_MS = 30_000;

const TRIAL = `
  ip link add name port type veth peer name other
  ip link add name lan type bridge
  mount -t bpf bpf /mnt`;
