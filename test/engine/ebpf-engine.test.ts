import { test } from 'node:test';
import { EbpfEngine } from '../../src/engines/ebpf/ebpf-engine.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import { openEbpfMaps, whyNoEbpfMaps } from './ebpf-maps.ts';
import { engineConformance } from './engine-conformance.ts';

const reason = whyNoEbpfMaps();
if (reason === undefined)
  engineConformance('ebpf, on the maps of this kernel', makeEngine, { interface: 'lo' });
else test('engine conformance: ebpf', { skip: reason }, () => undefined);

async function makeEngine(): Promise<EbpfEngine> {
  const { close, ...opened } = await openEbpfMaps();
  return new EbpfEngine({
    ...opened,
    environment: new HostEnvironment(),
    now: () => performance.now(),
    wallClock: Date.now,
    unprivilegedPortStart: 1024,
    dataPlane: {
      destinationAdded: () => undefined,
      destinationRemoved: () => undefined,
      close: async () => close(),
    },
  });
}
