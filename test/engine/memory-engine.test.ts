import { MemoryEngine } from '../../src/engines/memory/memory-engine.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import { engineConformance } from './engine-conformance.ts';

const environment = new HostEnvironment({
  interfaces: new Map([
    ['lo', 65536],
    ['vs0', 1500],
  ]),
});

engineConformance('memory', () => new MemoryEngine({ environment }), { interface: 'vs0' });
