import type { Probe, ProbeKind } from '../model/check.ts';
import type { Checker } from './checker.ts';
import { dnsChecker } from './dns-checker.ts';
import { fileChecker } from './file-checker.ts';
import { httpChecker } from './http-checker.ts';
import { createMiscChecker, miscChecker } from './misc-checker.ts';
import { pathChecker } from './path-checker.ts';
import { pingChecker } from './ping-checker.ts';
import type { runScript } from './script/run-script.ts';
import { smtpChecker } from './smtp-checker.ts';
import { tcpChecker } from './tcp-checker.ts';
import { udpChecker } from './udp-checker.ts';

/** The checker of a kind of probe. */
export function checkerOf(kind: ProbeKind): Checker {
  return checkers[kind];
}

/** The same with another way to run scripts. */
export function checkersWith(run: typeof runScript): (kind: ProbeKind) => Checker {
  const misc = createMiscChecker(run);
  return (kind) => (kind === 'misc' ? misc : checkers[kind]);
}

/** Every checker: a new one is one file and one line here, which the compiler asks for. */
const checkers: { readonly [Kind in ProbeKind]: Checker<Extract<Probe, { readonly kind: Kind }>> } = {
  tcp: tcpChecker,
  http: httpChecker,
  smtp: smtpChecker,
  dns: dnsChecker,
  udp: udpChecker,
  ping: pingChecker,
  file: fileChecker,
  misc: miscChecker,
  path: pathChecker,
};

/** The kinds of all checkers, each once. */
export const checkerKinds = Object.keys(checkers) as readonly ProbeKind[];
