/**
 * Runs every command that README.md and docs/tutorial.md show, and compares what the documents say it prints.
 *
 * The convention, by the language of a fenced block:
 * - `sh`: run, one block after the other, all of a document in one bash that starts in the checkout, with an empty HOME.
 *   Every command has to succeed; in a block marked `sh fails` one has to fail.
 * - `text`: what the `sh` block before it prints, errors included. `…` stands for text that is left out, and
 *   `<!-- varies: WORD … -->` before the block names words that differ from run to run.
 * - `console`: a command that cannot be run here; the rest of the line says why.
 *
 * Ports that are not free are replaced by others, and where curl is missing fixture/curl takes its place.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CodeBlock, readMarkdown } from './markdown-document.ts';
import { assertOutput } from './tutorial-expectation.ts';
import { claimPorts, type TutorialPorts } from './tutorial-ports.ts';
import { TutorialShell } from './tutorial-shell.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURE = fileURLToPath(new URL('fixture', import.meta.url));
const DOCUMENTS = ['README.md', 'docs/tutorial.md'];
const KNOWN = ['sh', 'text', 'console', 'yaml', 'mermaid', ''];
const BLOCK_LIMIT = 30_000;
const SUITE_LIMIT = 300_000;
const CURL = spawnSync('curl', ['--version']).error === undefined ? 'curl' : 'fixture/curl instead of curl';

for (const file of DOCUMENTS) {
  describe(`the commands of ${file}, with ${CURL}`, { timeout: SUITE_LIMIT }, () => {
    const { blocks } = readMarkdown(join(CHECKOUT, file));
    let home: string;
    let shell: TutorialShell;
    let ports: TutorialPorts;
    let failed: string | undefined;

    before(async () => {
      ports = await claimPorts();
      home = mkdtempSync(join(tmpdir(), 'vipr-tutorial-'));
      shell = new TutorialShell(home, CHECKOUT, [FIXTURE, dirname(process.execPath)]);
    });
    after(async () => {
      await shell.end();
      ports.release();
      rmSync(home, { recursive: true, force: true });
    });

    blocks.forEach((block, index) => {
      const { language, line, code } = block;
      const name = `${file}:${line} ${code.split('\n')[0]}`;
      if (!KNOWN.includes(language)) {
        test(name, () => Promise.reject(new Error(`nobody checks a block of '${language}'`)));
      } else if (language === 'text' && blocks[index - 1]?.language !== 'sh') {
        test(name, () =>
          Promise.reject(new Error('the text of this block is not the output of a block of sh')),
        );
      } else if (language === 'console') {
        test(name, { skip: block.remark || false }, () =>
          Promise.reject(new Error('the reason why it is not run has to follow the word console')),
        );
      } else if (language === 'sh') {
        test(name, { timeout: BLOCK_LIMIT + 5_000 }, async (t) => {
          if (failed !== undefined) return t.skip(`not run, because this failed: ${failed}`);
          failed = name;
          await check(block, expectedAfter(blocks, index));
          failed = undefined;
        });
      }
    });

    test('leave nothing running', async (t) => {
      if (failed !== undefined) return t.skip(`not looked at, because this failed: ${failed}`);
      // A director that was told to end gives its connections ten seconds.
      for (let wait = 0; wait < 120 && shell.running().length > 0; wait++) await delay(100);
      assert.deepEqual(shell.running(), []);
    });

    async function check({ code, remark }: CodeBlock, expected: CodeBlock | undefined) {
      const { output, failures } = await shell.run(ports.substitute(code), BLOCK_LIMIT);
      if (remark === '' && failures.length > 0) {
        throw new Error(`${failures.join('\n')}\nall that was printed:\n${output}`);
      }
      if (remark === 'fails' && failures.length === 0) throw new Error(`nothing failed; printed:\n${output}`);
      if (expected === undefined) return;
      const [, words = ''] = /^<!-- varies: (.*) -->$/.exec(expected.before) ?? [];
      assertOutput(output, ports.substitute(expected.code), words.split(' ').filter(Boolean));
    }
  });
}

/** The block that shows the output of the block of commands at `index`. */
function expectedAfter(blocks: readonly CodeBlock[], index: number): CodeBlock | undefined {
  const next = blocks[index + 1];
  return next?.language === 'text' ? next : undefined;
}
