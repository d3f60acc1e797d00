/** Each method for each family, as devices and links differ. */
import { describe, it } from 'node:test';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { forwardingSuite } from './fixture/forwarding-suite.ts';
import { CASES, casesOf } from './fixture/method.ts';

const skip = labUnavailable('nginx', 'curl', 'sha256sum', 'bpftool');
const FEW = ['NAT', 'GUE with checksums', 'IPIP to the other family'];
const inFamily = (wanted: string) => CASES.filter(({ family }) => family === wanted);

forwardingSuite({
  ...{ attach: 'tc', offload: true, mtu: 1500, megabytes: 20, skip },
  part: [...inFamily('inet'), ...casesOf('inet6', 'direct routing', 'GRE to the other family', ...FEW)],
});
forwardingSuite({
  ...{ attach: 'tc', offload: false, mtu: 9000, megabytes: 20, skip },
  part: [...casesOf('inet', ...FEW), ...casesOf('inet6', ...FEW)],
});
forwardingSuite({
  ...{ attach: 'xdp', offload: false, mtu: 1500, megabytes: 20, skip },
  part: [
    ...casesOf('inet', 'NAT to another port', 'direct routing', 'IPIP', 'GRE with checksums'),
    ...casesOf('inet6', 'direct routing', 'GRE to the other family', ...FEW),
  ],
});
for (const [attach, offload, mtu] of [
  ['tc', true, 9000],
  ['tc', false, 1500],
  ['xdp', false, 9000],
] as const)
  forwardingSuite({ attach, offload, mtu, megabytes: 50, skip, part: [] });

describe('forwarding by xdp, offloads on', () => {
  it('has no tests', {
    skip: 'XDP sees packets of veth that are not finished; auto takes tc for them',
  }, () => {});
});
