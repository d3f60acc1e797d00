/** `npm run demo`, as its script starts it: that all it says is true, and that it leaves nothing behind, however it ends. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { whyNot } from '../../demo/stage/open-stage.ts';
import { ended } from '../netns/fixture/process-end.ts';
import { NAMESPACE_DIRECTORY } from '../netns/lab/demolish.ts';
import { CHECKOUT } from '../project/source-file.ts';

const ENGINES = ['relay', 'ebpf'] as const;
/** It takes half a minute of waiting for timeouts, and starts dozens of processes, all those of a test at once. */
const LIMIT = { timeout: 120_000 };
/** So that the commands, which run from source, start faster. */
const compileCache = mkdtempSync(join(tmpdir(), 'vipr-test-'));

class Demo {
  readonly process: ChildProcess;
  output = '';

  constructor(t: TestContext, ...words: readonly string[]) {
    this.process = spawn(process.execPath, [join(CHECKOUT, 'demo/demo.ts'), ...words], {
      env: { ...process.env, VIPR_SOURCE: '1', NODE_COMPILE_CACHE: compileCache },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    // By a signal that it can act on, so that it takes its namespaces with it.
    t.after(() => this.process.kill('SIGTERM'));
  }

  /** Rejects where it ends before. */
  async until(pattern: RegExp): Promise<string> {
    while (true) {
      const [found] = pattern.exec(this.output) ?? [];
      if (found !== undefined) return found;
      assert.equal(this.process.exitCode ?? this.process.signalCode, null, this.output);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async end(): Promise<number | NodeJS.Signals | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'close');
    return this.process.signalCode ?? this.process.exitCode;
  }
}

describe('the demonstration', { concurrency: true }, async () => {
  after(() => rmSync(compileCache, { recursive: true, force: true }));

  for (const engine of ENGINES) {
    const skip = (await whyNot(engine)) ?? false;

    it(`keeps every promise on ${engine}`, { ...LIMIT, skip }, async (t) => {
      const before = traces();
      const demo = new Demo(t, '--engine', engine);
      assert.equal(await demo.end(), 0, demo.output);
      const [, kept, all] = /^(\d+) of (\d+) promises kept/m.exec(demo.output) ?? [];
      assert.equal(kept, all);
      assert.ok(Number(all) >= 17, demo.output);
      for (const command of ['ipvsadm -Ln', 'vipr health', 'vipr drain', 'vipr explain', 'vipr plan']) {
        assert.ok(demo.output.includes(`$ ${command}`), command);
      }
      assert.deepEqual(tracesOf(demo, before), []);
    });

    it(`takes all with it on ${engine} when it is interrupted`, { ...LIMIT, skip }, async (t) => {
      const before = traces();
      const demo = new Demo(t, '--engine', engine);
      await demo.until(/^3\. Traffic/m);
      const director = Number(/pid (\d+)/.exec(demo.output)?.[1]);
      demo.process.kill('SIGINT');
      assert.equal(await demo.end(), 'SIGINT', demo.output);
      await ended([director]);
      assert.deepEqual(tracesOf(demo, before), []);
    });
  }

  it('of failover keeps every promise', {
    timeout: 300_000,
    skip: (await whyNot('ebpf')) ?? false,
  }, async (t) => {
    const before = traces();
    const demo = new Demo(t, 'ha');
    assert.equal(await demo.end(), 0, demo.output);
    const [, kept, all] = /^(\d+) of (\d+) promises kept/m.exec(demo.output) ?? [];
    assert.equal(kept, all);
    assert.ok(Number(all) >= 9, demo.output);
    for (const line of ['lvs1$ vipr vrrp', 'lvs2$ vipr sync', 'lvs2$ ipvsadm -Lcn'])
      assert.ok(demo.output.includes(line), line);
    assert.deepEqual(tracesOf(demo, before), []);
  });

  it('of failover needs root, and says so', { skip: whyNoFallback() }, async (t) => {
    const demo = new Demo(t, 'ha');
    assert.equal(await demo.end(), 1);
    assert.match(
      demo.output,
      /^The demonstration of failover cannot run here: network namespaces need root$/m,
    );
  });

  it('runs on relay where ebpf cannot, and says why', { skip: whyNoFallback() }, async (t) => {
    const demo = new Demo(t);
    await demo.until(/^vipr on the engine relay: not ebpf, since network namespaces need root$/m);
    demo.process.kill('SIGINT');
    await demo.end();
  });

  it('names what it was told wrong', async (t) => {
    const demo = new Demo(t, '--engine', 'ipvs');
    assert.equal(await demo.end(), 2);
    assert.match(demo.output, /^ipvs is no engine of the demonstration/);
    const other = new Demo(t, 'ha', '--engine', 'relay');
    assert.equal(await other.end(), 2);
    assert.match(other.output, /^ha runs on the engine ebpf alone/);
  });
});

function whyNoFallback(): string | false {
  return process.geteuid?.() === 0 ? 'root has ebpf here, or another reason against it' : false;
}

/** Namespaces and directories of demonstrations. */
function traces(): readonly string[] {
  return [NAMESPACE_DIRECTORY, tmpdir()]
    .flatMap((directory) => {
      try {
        return readdirSync(directory);
      } catch {
        return [];
      }
    })
    .filter((name) => name.startsWith('vipr-demo-'));
}

/** Of one demonstration: namespaces by its process id, and directories that its output names or that came since. */
function tracesOf({ process: { pid }, output }: Demo, before: readonly string[]): readonly string[] {
  const isOwn = (name: string): boolean => name.startsWith(`vipr-demo-${pid}-`) || output.includes(name);
  return traces().filter((name) => !before.includes(name) && isOwn(name));
}
