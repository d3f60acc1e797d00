import assert from 'node:assert/strict';
import type { Lab } from './reference-lab.ts';
import { fencesOf } from './reference-page.ts';

/** A command of a ` ```console ` block with what the page says that it prints. */
export interface Exchange {
  readonly command: string;
  readonly output: string;
}

/** The commands of a text, in their order: lines after `$ `, each with the lines up to the next one. */
export function exchangesOf(text: string): readonly Exchange[] {
  return fencesOf(text)
    .filter(({ language }) => language === 'console')
    .flatMap(({ text: block }) => block.split(/^\$ /m).slice(1))
    .map((part) => {
      const [command = '', ...output] = part.split('\n');
      return { command, output: output.join('\n') };
    });
}

/**
 * Runs the commands of a text one after the other and compares what they print, standard output and error together, with
 * what the page says. `settle` makes what differs from run to run comparable, in both.
 */
export async function replay(
  text: string,
  lab: Lab,
  settle: (output: string) => string = (output) => output,
): Promise<void> {
  const exchanges = exchangesOf(text);
  assert.ok(exchanges.length > 0, 'the text has no console block');
  for (const { command, output } of exchanges) {
    const { stdout } = await lab.run(`{ ${command}\n} 2>&1`);
    assert.equal(
      withoutTrailingBlanks(settle(stdout)),
      withoutTrailingBlanks(settle(output)),
      `$ ${command}`,
    );
  }
}

/** Editors take blanks at the ends of lines away, which ipvsadm's rows have. */
function withoutTrailingBlanks(text: string): string {
  return text.replace(/[ \t]+$/gm, '').trimEnd();
}
