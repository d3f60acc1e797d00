import { labUnavailable } from '../test/netns/lab/lab-unavailable.ts';
import { keepalivedUnavailable } from '../test/netns/vrrp/fixture/keepalived.ts';
import { type Benchmark, BenchmarkUnavailable } from './benchmark.ts';
import { measureFaults } from './failover/measure-faults.ts';
import { measureRouters } from './failover/measure-routers.ts';

export const failover: Benchmark = {
  name: 'failover',
  description:
    'Time without a new connection when a director fails, and connections that are lost; VRRP alone against keepalived.',
  async run() {
    const why = labUnavailable('nginx', 'curl', 'sha256sum') ?? keepalivedUnavailable();
    if (why !== undefined) throw new BenchmarkUnavailable(why);
    return [...(await measureRouters()), ...(await measureFaults())];
  },
};
