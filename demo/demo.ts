import { parseArgs } from 'node:util';
import { say } from './console.ts';
import { perform, StartFailure } from './perform.ts';
import { whyNot } from './stage/open-stage.ts';
import { type DemoEngine, isDemoEngine } from './stage/stage.ts';

const USAGE = `npm run demo [-- [--engine ebpf|relay] [--keep]]

Balances real HTTP and DNS traffic over three real servers, and shows how vipr checks them, explains, drains, changes and measures.
As root, where the kernel can, on the engine ebpf in network namespaces of its own; else on the relay, over loopback, without any
rights. Takes half a minute, and leaves nothing behind.

  --engine NAME   on this engine, and on no other
  --keep          leave everything running at the end, until Ctrl-C
  --help          this text

Exit codes: 0 all that it said was checked and is true; 1 something was not; 2 wrong usage.`;

// Nobody reads on, as after `npm run demo | head`: what runs ends with this process.
process.stdout.once('error', () => process.exit(1));
process.exitCode = await demo();

async function demo(): Promise<number> {
  const values = readWords();
  if (values === undefined || values.help) {
    say(USAGE);
    return values === undefined ? 2 : 0;
  }
  const { engine, keep = false } = values;
  if (engine !== undefined) return performOnly(engine, keep);
  const why = await whyNot('ebpf');
  if (why !== undefined) return perform('relay', { reason: `not ebpf, since ${why}`, keep });
  try {
    return await perform('ebpf', { reason: 'this is root, and the kernel takes its programs', keep });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    say(`\nThe engine ebpf did not start: ${error.message}\n`);
    return perform('relay', { reason: 'ebpf did not start, as told above', keep });
  }
}

async function performOnly(engine: DemoEngine, keep: boolean): Promise<number> {
  const why = await whyNot(engine);
  if (why === undefined) return perform(engine, { reason: 'asked for by --engine', keep });
  say(`The engine ${engine} cannot run here: ${why}`);
  return 1;
}

/** Undefined, after saying what is wrong, where the words are. */
function readWords(): { engine?: DemoEngine; keep?: boolean; help?: boolean } | undefined {
  try {
    const { engine, ...flags } = parseArgs({
      options: { engine: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean' } },
    }).values;
    if (engine === undefined) return flags;
    if (isDemoEngine(engine)) return { engine, ...flags };
    say(`${engine} is no engine of the demonstration.\n`);
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n`);
  }
  return undefined;
}
