import type { CheckEndpoint, PingProbe, TcpProbe } from '../../../../model/check.ts';
import type { Settings } from '../../settings.ts';
import { COMMON_DEFAULTS, checkTiming } from '../check-timing.ts';
import type { CheckBuilder, CheckContext } from './check-context.ts';
import { checkEndpoint } from './check-endpoint.ts';

/** TCP_CHECK and PING_CHECK, which have nothing of their own. */
export function connectionCheck(probe: TcpProbe | PingProbe): CheckBuilder {
  return (_statement, settings, context) => {
    const endpoint = checkEndpoint(settings, context.server, context.log);
    const timing = checkTiming(settings, context.timing, COMMON_DEFAULTS, context);
    return [
      {
        probe,
        endpoint: probe.kind === 'ping' ? withoutPorts(settings, endpoint, context) : endpoint,
        timing,
      },
    ];
  };
}

/** ICMP has no ports. */
function withoutPorts(settings: Settings, endpoint: CheckEndpoint, { log }: CheckContext): CheckEndpoint {
  for (const name of ['connect_port', 'bind_port']) {
    const place = settings.all(name)[0]?.keyword.place;
    if (place !== undefined) log.warn(place, `${name} has no effect: PING_CHECK has no ports`);
  }
  const { port: _port, sourcePort: _sourcePort, ...rest } = endpoint;
  return rest;
}
