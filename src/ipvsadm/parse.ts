import { NO_SCHEDULER_FLAGS } from '../model/service.ts';
import type { Timeouts } from '../model/table.ts';
import { checkOptions } from './checks.ts';
import type { Command } from './command.ts';
import { commandOf } from './command-of.ts';
import { type Draft, emptyDraft } from './draft.ts';
import { type CommandName, isCommandSwitch, SWITCH_TABLE, type Switch } from './grammar.ts';
import type { Names } from './names.ts';
import { applyOption, parseTimeout } from './option-effects.ts';
import { Popt } from './popt.ts';
import { Refusal, tryHelp } from './refusal.ts';
import { parseSchedulerFlags } from './scheduler-flags.ts';

/**
 * Turns the words after `ipvsadm` into a command. Rejects with a {@link Refusal} that carries the original's message
 * and exit code; of several mistakes the one that the original finds first. No words at all list the table.
 */
export async function parseCommand(words: readonly string[], names: Names): Promise<Command> {
  const draft = emptyDraft();
  if (words.length === 0) return commandOf('list', draft, NO_SCHEDULER_FLAGS, undefined);
  const popt = new Popt<Switch>(words, SWITCH_TABLE);
  const name = takeCommand(popt, draft);
  if (name === 'help' || name === 'version') return { kind: name };
  await takeOptions(popt, draft, names);
  const timeouts = name === 'set' ? takeTimeouts(popt) : undefined;
  const stray = popt.argument();
  if (stray !== undefined) throw new Refusal(`unexpected argument ${stray}`);
  const schedulerFlags = parseSchedulerFlags(draft.schedulerFlags, draft.scheduler);
  checkOptions(name, draft);
  return commandOf(name, draft, schedulerFlags, timeouts);
}

/** The first switch says what to do. */
function takeCommand(popt: Popt<Switch>, draft: Draft): CommandName | 'help' | 'version' {
  const step = popt.next();
  if (step.kind !== 'option' || !isCommandSwitch(step.id)) throw tryHelp();
  if (step.id === 'start-daemon' || step.id === 'stop-daemon') {
    if (step.value !== 'master' && step.value !== 'backup') {
      throw new Refusal(
        step.id === 'start-daemon'
          ? 'illegal start-daemon parameter specified'
          : 'illegal start_daemon specified',
      );
    }
    draft.role = step.value;
  }
  return step.id;
}

async function takeOptions(popt: Popt<Switch>, draft: Draft, names: Names): Promise<void> {
  for (;;) {
    const step = popt.next();
    if (step.kind === 'end') return;
    if (step.kind === 'error') throw new Refusal(`${popt.word}: ${step.text}`, 255, false);
    if (isCommandSwitch(step.id)) throw new Refusal(`invalid option \`${popt.word}'`);
    const pending = applyOption(draft, step.id, step.value, names);
    if (pending !== undefined) await pending;
  }
}

/** The three words of `--set`. */
function takeTimeouts(popt: Popt<Switch>): Timeouts {
  const [tcp, tcpfin, udp] = [popt.argument(), popt.argument(), popt.argument()];
  if (tcp === undefined || tcpfin === undefined || udp === undefined) {
    throw new Refusal('--set option requires 3 timeout values');
  }
  return { tcp: parseTimeout(tcp, 0), tcpfin: parseTimeout(tcpfin, 0), udp: parseTimeout(udp, 0) };
}
