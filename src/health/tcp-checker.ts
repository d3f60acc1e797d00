import type { TcpProbe } from '../model/check.ts';
import type { Checker } from './checker.ts';
import { connectTarget, describeTarget } from './connect/connect-target.ts';
import { converse } from './connect/converse.ts';
import { good, type Talk } from './connect/talk.ts';

/** Good where a TCP connection can be made; it is closed at once (keepalived's TCP_CHECK). */
export const tcpChecker: Checker<TcpProbe> = {
  kind: 'tcp',
  describe: ({ endpoint, destination }) => `tcp ${describeTarget(connectTarget(endpoint, destination))}`,
  check: ({ endpoint, destination, signal }) =>
    converse(connectTarget(endpoint, destination), signal, HANG_UP),
};

const CONNECTED = good('connected');

/** Has its verdict as soon as the connection stands. */
const HANG_UP: Talk = {
  waitingFor: '',
  begin: () => CONNECTED,
  hear: () => CONNECTED,
  end: () => CONNECTED,
};
