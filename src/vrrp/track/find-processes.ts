import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FindProcesses } from './process-tracker.ts';

/** Bytes of a process's name that the kernel keeps (TASK_COMM_LEN less its zero; proc_pid_comm(5)). */
const KEPT = 15;
/** Processes that one look reads at once, and at all. */
const AT_ONCE = 32;
const MOST = 65_536;

/**
 * Looks for processes in a /proc. A name is that of a program, or its whole path; zombies do not run. Processes that were found before are
 * looked at first, so that a look reads everything only when one of them is gone.
 */
export function processFinder(proc = '/proc'): FindProcesses {
  let known = new Map<string, string>();
  return async (names) => {
    const found = new Map<string, string>();
    const missing = new Set(names);
    const look = async (pid: string) => {
      for (const name of await namesOf(proc, pid, missing)) {
        found.set(name, pid);
        missing.delete(name);
      }
    };
    await Promise.all([...new Set(known.values())].map(look));
    if (missing.size > 0) {
      const pids = (await readdir(proc)).filter((entry) => /^\d+$/.test(entry)).slice(0, MOST);
      for (let at = 0; at < pids.length && missing.size > 0; at += AT_ONCE)
        await Promise.all(pids.slice(at, at + AT_ONCE).map(look));
    }
    known = found;
    return new Set(found.keys());
  };
}

/** Which of the names a process has; none for one that is gone. */
async function namesOf(proc: string, pid: string, names: ReadonlySet<string>): Promise<readonly string[]> {
  try {
    // `812 (nginx) S …`; the name may have parentheses itself.
    const stat = await readFile(`${proc}/${pid}/stat`, 'latin1');
    const end = stat.lastIndexOf(')');
    if (stat[end + 2] === 'Z') return [];
    const comm = stat.slice(stat.indexOf('(') + 1, end);
    const alike = [...names].filter((name) => basename(name).slice(0, KEPT) === comm);
    if (alike.every((name) => name.length <= KEPT && !name.includes('/'))) return alike;
    const [program = ''] = (await readFile(`${proc}/${pid}/cmdline`, 'utf8')).split('\0');
    return alike.filter((name) => {
      if (name.includes('/')) return program === name;
      return name.length <= KEPT || basename(program) === name;
    });
  } catch {
    return [];
  }
}
