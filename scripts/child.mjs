import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program to its end on this process's terminal and resolves to its exit code, 128 + N where signal N ended it.
 * SIGINT, SIGTERM and SIGHUP that reach this process are passed on to that one child, which decides what they mean.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onSpawn?: (child: import('node:child_process').ChildProcess) => void }} options
 * @returns {Promise<number>}
 */
export async function runChild(command, args, { cwd, env, onSpawn } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
  const onTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  const forward = (signal) => {
    // Ctrl-C reaches the whole foreground group: the child already has it, and a second one often means "at once".
    if (signal === 'SIGINT' && onTerminal) return;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  try {
    onSpawn?.(child);
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}
