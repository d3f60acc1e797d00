import type { HttpProbe, HttpRequest } from '../model/check.ts';
import { hostPort } from '../model/service.ts';
import type { Attempt, Checker, Verdict } from './checker.ts';
import { type ConnectTarget, connectTarget, wayTo } from './connect/connect-target.ts';
import { converse, type TlsClient } from './connect/converse.ts';
import { explainFailure } from './connect/explain-failure.ts';
import { bad, CheckFailure, good } from './connect/talk.ts';
import { HttpTalk } from './http/http-talk.ts';
import { pathOf, requestText } from './http/request-text.ts';
import { oneLine } from './one-line.ts';
import { tlsClientFor } from './tls/tls-client.ts';

/** Good where all requests are answered as they should be, one after the other (keepalived's HTTP_GET and SSL_GET). */
export const httpChecker: Checker<HttpProbe> = {
  kind: 'http',
  describe({ probe, endpoint, destination }) {
    const target = connectTarget(endpoint, destination);
    const [first, ...others] = probe.requests;
    const url = `http${probe.tls === undefined ? '' : 's'}://${hostPort(target.address, target.port)}`;
    const path = first === undefined ? '' : pathOf(first);
    const host = first?.virtualHost === undefined ? '' : ` as ${first.virtualHost}`;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return oneLine(`${url}${path}${host}${more}${wayTo(target.interface, target.mark)}`);
  },
  async check(attempt) {
    try {
      return await askAll(attempt);
    } catch (error) {
      return bad(error instanceof CheckFailure ? oneLine(error.message) : explainFailure(error));
    }
  },
};

async function askAll({ probe, endpoint, destination, signal }: Attempt<HttpProbe>): Promise<Verdict> {
  const target = connectTarget(endpoint, destination);
  const tls = probe.tls === undefined ? undefined : await tlsClientFor(probe.tls, target.address);
  const found: string[] = [];
  for (const request of probe.requests) {
    const verdict = await ask(probe, request, target, signal, tls);
    if (!verdict.good)
      return probe.requests.length === 1 ? verdict : bad(oneLine(`${pathOf(request)}: ${verdict.detail}`));
    found.push(verdict.detail);
  }
  return good(oneLine(found.join(', ')));
}

function ask(
  probe: HttpProbe,
  request: HttpRequest,
  target: ConnectTarget,
  signal: AbortSignal,
  tls: TlsClient | undefined,
): Promise<Verdict> {
  return converse(target, signal, new HttpTalk(request, requestText(probe, request, target)), tls);
}
