import type { ProbeKind } from '../model/check.ts';
import type { Checker } from './checker.ts';
import { dnsChecker } from './dns-checker.ts';
import { fileChecker } from './file-checker.ts';
import { httpChecker } from './http-checker.ts';
import { miscChecker } from './misc-checker.ts';
import { pathChecker } from './path-checker.ts';
import { pingChecker } from './ping-checker.ts';
import { smtpChecker } from './smtp-checker.ts';
import { tcpChecker } from './tcp-checker.ts';
import { udpChecker } from './udp-checker.ts';

/** The checker of a kind of probe. Throws a RangeError where there is none. */
export function checkerOf(kind: ProbeKind): Checker {
  const checker = byKind.get(kind);
  if (checker === undefined) throw new RangeError(`there is no checker for ${kind}`);
  return checker;
}

/** Every checker: a new one is one file and one line here. */
const checkers: readonly Checker[] = [
  tcpChecker,
  httpChecker,
  smtpChecker,
  udpChecker,
  dnsChecker,
  pingChecker,
  fileChecker,
  miscChecker,
  pathChecker,
];

const byKind: ReadonlyMap<ProbeKind, Checker> = new Map(checkers.map((checker) => [checker.kind, checker]));

/** The kinds of all checkers, each once. */
export const checkerKinds: readonly ProbeKind[] = checkers.map(({ kind }) => kind);
