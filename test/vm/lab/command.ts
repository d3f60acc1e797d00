import { type SpawnSyncOptions, spawnSync } from 'node:child_process';

type Options = Pick<SpawnSyncOptions, 'argv0' | 'cwd' | 'env'>;

/** Runs a program to its end and returns what it printed; throws with its complaints where it fails. */
export function command(program: string, args: readonly string[], options: Options = {}): string {
  return commandBytes(program, args, options).toString();
}

/** {@link command} for what is no text. */
export function commandBytes(program: string, args: readonly string[], options: Options = {}): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...options,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr.toString().trim()}`);
  }
  return stdout;
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}
