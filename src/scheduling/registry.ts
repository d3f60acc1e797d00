import { dh } from './dh.ts';
import { fo } from './fo.ts';
import { lblc } from './lblc.ts';
import { lblcr } from './lblcr.ts';
import { lc } from './lc.ts';
import { mh } from './mh.ts';
import { nq } from './nq.ts';
import { ovf } from './ovf.ts';
import { rr } from './rr.ts';
import type { SchedulerDefinition } from './scheduler.ts';
import { sed } from './sed.ts';
import { sh } from './sh.ts';
import { twos } from './twos.ts';
import { wlc } from './wlc.ts';
import { wrr } from './wrr.ts';

/** The scheduler of a name as in `ipvsadm -s`, or undefined; `none`, the absence of a scheduler, is not one. */
export function findScheduler(name: string): SchedulerDefinition | undefined {
  return byName.get(name);
}

/** Every scheduler: a new one is one file and one line here, in the order in which `ipvsadm --help` names them. */
const definitions: readonly SchedulerDefinition[] = [
  rr,
  wrr,
  lc,
  wlc,
  lblc,
  lblcr,
  dh,
  sh,
  sed,
  nq,
  fo,
  ovf,
  mh,
  twos,
];

const byName = new Map(definitions.map((definition) => [definition.name, definition]));

/** The names of all schedulers, each once. */
export const schedulerNames: readonly string[] = definitions.map((definition) => definition.name);
