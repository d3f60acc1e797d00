import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schedulerSequences } from '../../test/vectors/scheduler-sequences.ts';
import { FakeService } from './fake-service.ts';

for (const { scheduler, protocol, weights, picks, counts, ...thresholds } of schedulerSequences) {
  const { upperThresholds = [0, 0, 0], lowerThresholds = [0, 0, 0] } = thresholds;
  const title = `${scheduler} ${protocol} ${weights} ${upperThresholds.some(Boolean) ? 'thresholds ' : ''}gives IPVS's ${picks}`;
  test(title, () => {
    const service = new FakeService(scheduler);
    const servers = weights.map((weight, index) =>
      service.add({
        weight,
        upperThreshold: upperThresholds[index] ?? 0,
        lowerThreshold: lowerThresholds[index] ?? 0,
      }),
    );
    const kind = protocol === 'tcp' ? 'active' : 'inactive';
    const chosen = Array.from(picks, () => {
      const server = service.connect(kind);
      return server === undefined ? '-' : String(servers.indexOf(server) + 1);
    });
    assert.equal(chosen.join(''), picks);
    assert.deepEqual(
      servers.map((server) => [server.activeConnections, server.inactiveConnections]),
      counts.map((count) => (protocol === 'tcp' ? [count, 0] : [0, count])),
    );
  });
}
