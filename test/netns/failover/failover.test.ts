/** Two directors, `vipr up` on the engine ebpf: the master fails under load, and returns. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { FailoverLab } from './fixture/failover-lab.ts';
import { DEAD, FAULTS, type Fault, FROZEN } from './fixture/fault.ts';
import { formatFigures } from './fixture/format-figures.ts';
import { rideOut } from './fixture/ride-out.ts';

const skip = labUnavailable('nginx', 'curl', 'sha256sum') ?? false;
const CONNECTIONS = 1000;
const MORE = 200;
const MEGABYTES = 12;
const RATE = '1M';

/** What `npm test` has, and by how much a busy machine may be slower than what the interval promises. */
const VERSIONS = [
  { name: 'version 3, every 250 ms', version: 3, part: [DEAD, FROZEN], limitMs: 8000 },
  { name: 'version 2, every second', version: 2, part: [], limitMs: 16_000 },
] as const;

for (const { name, version, part, limitMs } of VERSIONS) {
  const isPart = (fault: Fault): boolean => part.some((each) => each === fault);
  const left = part.length === 0 && onlyInWhole();
  describe(`failover with VRRP of ${name}`, { skip: skip || left, timeout: 600_000 }, () => {
    let site: FailoverLab;

    before(async () => {
      site = await FailoverLab.open({ megabytes: MEGABYTES });
      await site.up({ version });
    });

    after(() => site?.close());

    for (const fault of FAULTS) {
      const title = `${fault.name}, and it returns`;
      it(title, { skip: isPart(fault) ? false : onlyInWhole() }, async (t) => {
        const figures = await rideOut(site, fault, { connections: CONNECTIONS, more: MORE, rate: RATE });
        t.diagnostic(formatFigures(figures));
        for (const outages of [figures.takeover, figures.failback])
          for (const [target, { milliseconds }] of Object.entries(outages))
            assert.ok(milliseconds < limitMs, `${target}: ${milliseconds} ms without a new connection`);
        assert.deepEqual(figures.open, { opened: CONNECTIONS + MORE, lost: {} });
        assert.deepEqual(figures.brokenDownloads, []);
      });
    }
  });
}
