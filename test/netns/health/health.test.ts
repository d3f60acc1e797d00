/** `vipr up` watches nginx, msmtpd, dnsmasq and other servers by every kind of check, with each engine that runs in the lab. */
import { after, before, describe } from 'node:test';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { packagesUnavailable } from '../peer/unpacked-server.ts';
import { HealthLab } from './fixture/health-lab.ts';
import type { EngineName } from './fixture/services.ts';
import { failureSuite } from './suites/failure.ts';
import { operatingSuite } from './suites/operating.ts';
import { quorumSuite } from './suites/quorum.ts';
import { weightSuite } from './suites/weights.ts';

const SUITES = [failureSuite, quorumSuite, weightSuite, operatingSuite];
const ENGINES: readonly EngineName[] = ['relay', 'ebpf'];
const skip = labUnavailable('nginx', 'curl') ?? packagesUnavailable('msmtp-mta', 'dnsmasq-base') ?? false;

// Mostly they wait.
describe('health checks of real servers', { skip, concurrency: true }, () => {
  for (const engine of ENGINES) {
    describe(`with the engine ${engine}`, { skip, timeout: 600_000, concurrency: false }, () => {
      let site: HealthLab | undefined;

      before(async () => {
        site = await HealthLab.open(engine);
      });

      after(() => site?.close());

      for (const suite of SUITES) {
        suite(() => {
          if (site === undefined) throw new Error('there is no lab');
          return site;
        }, engine);
      }
    });
  }
});
