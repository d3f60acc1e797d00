import type { CheckEndpoint, SmtpProbe } from '../model/check.ts';
import type { Attempt, Checker, Verdict } from './checker.ts';
import { type ConnectTarget, connectTarget, describeTarget } from './connect/connect-target.ts';
import { converse } from './connect/converse.ts';
import { bad, good } from './connect/talk.ts';
import { oneLine } from './one-line.ts';
import { SmtpTalk } from './smtp/smtp-talk.ts';

/** Good where every endpoint greets and answers EHLO or HELO, one after the other (keepalived's SMTP_CHECK). */
export const smtpChecker: Checker<SmtpProbe> = {
  kind: 'smtp',
  describe(attempt) {
    const [first, ...others] = targetsOf(attempt);
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return oneLine(`smtp ${describeTarget(first)}${more}`);
  },
  async check(attempt) {
    const targets = targetsOf(attempt);
    for (const target of targets) {
      const verdict = await greet(attempt, target);
      if (!verdict.good)
        return targets.length === 1 ? verdict : bad(oneLine(`${describeTarget(target)}: ${verdict.detail}`));
    }
    return good(targets.length === 1 ? 'SMTP answers' : `SMTP answers at all ${targets.length} endpoints`);
  },
};

function greet({ probe, signal }: Attempt<SmtpProbe>, target: ConnectTarget): Promise<Verdict> {
  return converse(target, signal, new SmtpTalk(probe.heloName));
}

/** What an endpoint leaves out it takes from the check's own, and that from the destination. */
function targetsOf({
  probe,
  endpoint,
  destination,
}: Pick<Attempt<SmtpProbe>, 'probe' | 'endpoint' | 'destination'>): [ConnectTarget, ...ConnectTarget[]] {
  const target = (own: CheckEndpoint) => connectTarget({ ...endpoint, ...own }, destination);
  const [first = {}, ...others] = probe.endpoints;
  return [target(first), ...others.map(target)];
}
