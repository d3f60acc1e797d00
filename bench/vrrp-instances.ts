import { labUnavailable } from '../test/netns/lab/lab-unavailable.ts';
import { keepalivedUnavailable } from '../test/netns/vrrp/fixture/keepalived.ts';
import { type Benchmark, BenchmarkUnavailable } from './benchmark.ts';
import { measureInstances } from './vrrp/measure-instances.ts';

export const vrrpInstances: Benchmark = {
  name: 'vrrp-instances',
  description:
    'Processor time and memory of 255 VRRP instances that advertise every 250 ms, against keepalived.',
  async run() {
    const why = labUnavailable() ?? keepalivedUnavailable();
    if (why !== undefined) throw new BenchmarkUnavailable(why);
    return measureInstances();
  },
};
