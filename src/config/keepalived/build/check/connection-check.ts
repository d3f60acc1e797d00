import type { PingProbe, TcpProbe } from '../../../../model/check.ts';
import { COMMON_DEFAULTS, checkTiming } from '../check-timing.ts';
import type { CheckBuilder } from './check-context.ts';
import { checkEndpoint } from './check-endpoint.ts';

/** TCP_CHECK and PING_CHECK, which have nothing of their own. */
export function connectionCheck(probe: TcpProbe | PingProbe): CheckBuilder {
  return (_statement, settings, context) => [
    {
      probe,
      endpoint: checkEndpoint(settings, context.server, context.log),
      timing: checkTiming(settings, context.timing, COMMON_DEFAULTS, context),
    },
  ];
}
