import { FakeIpvs } from '../../src/engines/ipvs/fake/fake-ipvs.ts';
import { openIpvsEngine } from '../../src/engines/ipvs/open-ipvs-engine.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import { engineConformance } from './engine-conformance.ts';

const environment = new HostEnvironment({
  interfaces: new Map([
    ['lo', 65536],
    ['vs0', 1500],
  ]),
});

engineConformance(
  'ipvs, over a fake kernel',
  () =>
    openIpvsEngine(
      { procDirectory: new URL('fixture/proc-net', import.meta.url).pathname },
      new FakeIpvs({ environment }).modules,
    ),
  { interface: 'vs0' },
);
