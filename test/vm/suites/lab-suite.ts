import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab/lab-tests.ts';

/** The lab itself. */
export function labSuite(lab: Lab): void {
  lab.describe('the VM lab', () => {
    lab.it('boots the kernel asked for, with ip_vs and the original ipvsadm', async (machine) => {
      assert.ok((await machine.expect('uname -r')).startsWith(`${lab.line}.`));
      const version = await machine.expect('ipvsadm -Ln');
      assert.match(version, /^IP Virtual Server version 1\.2\.1 \(size=4096\)\n/);
      assert.match(await machine.expect('ipvsadm -v'), /^ipvsadm v1\.31 /);
    });

    lab.it('hands back output, complaints and exit code', async (machine) => {
      const { exitCode, stdout, stderr } = await machine.run("echo 'täst'; echo no >&2; exit 3");
      assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 3, stdout: 'täst\n', stderr: 'no\n' });
      await assert.rejects(machine.expect('echo shown; false'), /ended with 1:(.|\n)*shown\n(.|\n)*console/);
    });

    lab.it('ends a script that takes too long, and goes on', async (machine) => {
      await assert.rejects(machine.run('sleep 60', 1000), /took longer than 1 s/);
      assert.equal(await machine.expect('echo on'), 'on\n');
    });

    lab.it('keeps from the machine what the guest writes', async (machine) => {
      const file = `/var/tmp/written-by-guest-${process.pid}`;
      await machine.expect(`echo here >${file} && [ -s ${file} ]`);
      assert.equal(existsSync(file), false);
    });

    lab.it('leaves no QEMU behind a test run that was killed', async () => {
      const script = fileURLToPath(new URL('../lab/boot-and-wait.ts', import.meta.url));
      const tester = spawn(process.execPath, [script, lab.line], { stdio: 'ignore' });
      const ended = once(tester, 'exit');
      const qemu = await firstQemuOf(tester.pid ?? 0);
      tester.kill('SIGKILL');
      await ended;
      const gone = async (): Promise<boolean> => {
        for (let tries = 0; tries < 50 && existsSync(`/proc/${qemu}/cmdline`); tries++) {
          if (readFileSync(`/proc/${qemu}/stat`, 'utf8').includes(') Z ')) return true;
          await delay(100);
        }
        return !existsSync(`/proc/${qemu}`);
      };
      assert.ok(await gone(), `process ${qemu} goes on`);
    });
  });
}

/** The process of a QEMU that a process started, once it runs. */
async function firstQemuOf(pid: number): Promise<number> {
  for (let tries = 0; tries < 300; tries++) {
    await delay(100);
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')) {
      if (child === '') continue;
      if (readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('qemu')) return Number(child);
    }
  }
  throw new Error('no QEMU was started within 30 s');
}
