import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clientAddresses,
  clientMappings,
  clientPort,
  destinationAddresses,
  destinationMappings,
} from '../../test/vectors/hash-mappings.ts';
import { type FakeDestination, type FakeRequest, FakeService } from './fake-service.ts';

for (const { scheduler, fallback, byPort, port, weights, quiesced, picks } of clientMappings) {
  const flags = `${fallback ? ' fallback' : ''}${byPort ? ' port' : ''}${quiesced ? ' quiesced' : ''}`;
  test(`${scheduler}${flags} ${weights} maps ${clientAddresses.length} clients as IPVS does`, () => {
    const service = new FakeService(scheduler, { flags: { flag1: fallback, flag2: byPort } });
    const servers = weights.map((weight) => service.add({ weight, port }));
    if (quiesced && servers[1] !== undefined) service.setWeight(servers[1], 0);
    const requests = clientAddresses.map((clientAddress) => ({ clientAddress, clientPort }));
    assert.equal(picksOf(service, servers, requests), picks);
  });
}

for (const { scheduler, countsBefore, picks, countsAfter } of destinationMappings) {
  test(`${scheduler} maps ${destinationAddresses.length} destination addresses as IPVS does`, () => {
    const service = new FakeService(scheduler);
    const servers = countsBefore.map((inactiveConnections, index) =>
      service.add({ weight: index + 1, port: 0, inactiveConnections }),
    );
    const requests = destinationAddresses.map((virtualAddress) => ({ virtualAddress }));
    assert.equal(picksOf(service, servers, requests), picks);
    assert.deepEqual(
      servers.map((server) => server.inactiveConnections),
      countsAfter,
    );
  });
}

/** The number of each request's server, or `-`. */
function picksOf(
  service: FakeService,
  servers: readonly FakeDestination[],
  requests: readonly FakeRequest[],
): string {
  const picks = requests.map((request) => {
    const server = service.connect('inactive', request);
    return server === undefined ? '-' : String(servers.indexOf(server) + 1);
  });
  return picks.join('');
}
