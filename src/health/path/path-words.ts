import { hostPort } from '../../model/service.ts';
import type { Port } from '../../model/unit.ts';
import type { PathAnswer } from './path-answer.ts';
import type { PathPlan } from './path-plan.ts';

/** `192.0.2.10:80 by direct routing to 10.0.0.11`, `10.0.0.11:80 by masquerading`. */
export function describePath(plan: PathPlan): string {
  const server = hostPort(plan.server, plan.port as Port);
  switch (plan.method) {
    case 'direct':
      return `${server} by direct routing to ${plan.via}`;
    case 'tunnel':
      return `${server} through ${tunnelName(plan)} to ${plan.via}`;
    case 'masquerade':
      return `${server} by masquerading`;
  }
}

/** What it means that nothing came back, and where to look. */
export function describeSilence(plan: PathPlan, source: string): string {
  const server = hostPort(plan.server, plan.port as Port);
  switch (plan.method) {
    case 'direct':
      return `no answer from ${server} on ${plan.via}: has the server the VIP on lo, and can it answer ${source} (rp_filter, routes)?`;
    case 'tunnel':
      return (
        `no answer from ${server} on ${plan.via}: does the server take packets out of ${tunnelName(plan)}, ` +
        `has it the VIP on lo, and can it answer ${source} (rp_filter of the tunnel, routes)?`
      );
    case 'masquerade':
      return `no answer from ${server}`;
  }
}

/** The server answered by RST. */
export function describeRefusal(plan: PathPlan): string {
  const server = hostPort(plan.server, plan.port as Port);
  return plan.method === 'masquerade'
    ? `connection refused by ${server}`
    : `connection refused by the VIP ${server} on ${plan.via}`;
}

/** A host said by ICMP that the segment cannot go on. */
export function describeUnreachable(
  plan: PathPlan,
  { about, text, from }: Extract<PathAnswer, { kind: 'unreachable' }>,
): string {
  const said = `${text}, says ${from}`;
  if (about === 'tunnel')
    return from === plan.via
      ? `${said}: it does not take packets for ${plan.server} out of ${tunnelName(plan)}`
      : said;
  return from === plan.via && plan.method === 'direct' ? `${said}: it has not the VIP on lo` : said;
}

/** A packet that may pass only one router has passed it. */
export function describeDetour(plan: PathPlan, router: string): string {
  return plan.method === 'masquerade'
    ? `too many routers on the way, says ${router}`
    : `${plan.via} routes packets for ${plan.server} on instead of taking them, says ${router}: it has not the VIP on lo`;
}

function tunnelName({ tunnel }: PathPlan): string {
  if (tunnel === undefined) return 'a tunnel';
  return tunnel.type === 'gue' ? `the GUE tunnel of port ${tunnel.port}` : `the ${tunnel.type} tunnel`;
}
