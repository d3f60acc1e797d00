import { readFileSync } from 'node:fs';

/** Where the kernel keeps the program that loads modules (kernel/module/kmod.c). */
const MODPROBE_SETTING = '/proc/sys/kernel/modprobe';
const MODPROBE = '/sbin/modprobe';
/** A module takes some milliseconds; one that hangs is not worth a list that never comes. */
const LIMIT_MS = 30_000;

/** Loads a kernel module by modprobe(8), without a word where that fails: what follows shows whether it is there. */
export async function loadModule(
  name: string,
  modprobe: string | undefined = modprobeOfKernel(),
): Promise<void> {
  if (modprobe === undefined) return;
  const { spawn } = await import('node:child_process');
  await new Promise<void>((resolve) => {
    const child = spawn(modprobe, ['--', name], { stdio: 'ignore', timeout: LIMIT_MS });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}

/** Undefined where the administrator switched the loading of modules off by leaving the setting empty. */
function modprobeOfKernel(): string | undefined {
  try {
    return readFileSync(MODPROBE_SETTING, 'utf8').trim() || undefined;
  } catch {
    return MODPROBE;
  }
}
