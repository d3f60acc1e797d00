import type { Command } from 'commander';
import { applyCommand } from './apply.ts';
import { checkCommand } from './check.ts';
import type { CommandContext } from './command-context.ts';
import { convertCommand } from './convert.ts';
import { downCommand } from './down.ts';
import { drainCommand } from './drain.ts';
import { eventsCommand } from './events.ts';
import { explainCommand } from './explain.ts';
import { healthCommand } from './health.ts';
import { ipvsadmCommand } from './ipvsadm.ts';
import { planCommand } from './plan.ts';
import { realserverCommand } from './realserver.ts';
import { reloadCommand } from './reload.ts';
import { restoreCommand } from './restore.ts';
import { saveCommand } from './save.ts';
import { setCommand } from './set.ts';
import { statusCommand } from './status.ts';
import { syncCommand } from './sync.ts';
import { topCommand } from './top.ts';
import { upCommand } from './up.ts';
import { vrrpCommand } from './vrrp.ts';

/** Makes a subcommand; its action sets the context's exit code or throws. What it needs to run, it loads then. */
export type Subcommand = (context: CommandContext) => Command;

/** Every subcommand of `vipr`, in the order of its help: a new one is one file and one line here. */
export const subcommands: readonly Subcommand[] = [
  upCommand,
  downCommand,
  statusCommand,
  healthCommand,
  vrrpCommand,
  syncCommand,
  topCommand,
  eventsCommand,
  explainCommand,
  checkCommand,
  convertCommand,
  planCommand,
  applyCommand,
  reloadCommand,
  saveCommand,
  setCommand,
  drainCommand,
  restoreCommand,
  realserverCommand,
  ipvsadmCommand,
];
