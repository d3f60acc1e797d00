import { RelayEngine } from '../../src/engines/relay/relay-engine.ts';
import { engineConformance } from '../engine/engine-conformance.ts';
import { destinationOn, serviceOn } from '../engine/sample-table.ts';
import { VIP } from './fixture/loopback.ts';

/** Test files run beside each other, and there is but one ::1. */
const FIRST_PORT = 9000 + (process.pid % 900);

engineConformance('relay', () => RelayEngine.start({ workers: 1 }), {
  makeService: (n, family) => serviceOn(family === 'inet' ? VIP : '::1', FIRST_PORT + n),
  makeDestination: (n, family) => destinationOn(family === 'inet' ? `127.0.0.${11 + n}` : `fd00::${11 + n}`),
});
