import assert from 'node:assert/strict';
import type { Operation } from '../../src/model/operation.ts';
import type { TableSnapshot } from '../../src/model/table.ts';
import type { Seconds } from '../../src/model/unit.ts';
import { type Check, found, weight, withDestinations, withoutDaemons } from './conformance-bench.ts';

export function tableChecks(check: Check): void {
  check('is empty at first, with the timeouts of IPVS', async (bench) => {
    assert.deepEqual(await bench.engine.snapshot(), {
      services: [],
      timeouts: { tcp: 900, tcpfin: 120, udp: 300 },
      daemons: [],
    });
    assert.deepEqual(await Array.fromAsync(bench.engine.connections()), []);
    assert.equal((await bench.engine.faults()).size, 0);
    const info = await bench.engine.info();
    assert.equal(info.version, '1.2.1');
    assert.ok(info.connectionTableSize > 0);
  });

  check('flush empties it and keeps the timeouts; flushing an empty one is fine', async (bench) => {
    await bench.done(
      { kind: 'flush' },
      ...withDestinations(bench, bench.service(0), 2),
      ...withDestinations(bench, bench.service(1), 1),
      timeouts(60, 0, 0),
      { kind: 'flush' },
    );
    const { services, timeouts: held } = await bench.engine.snapshot();
    assert.deepEqual(services, []);
    assert.equal(held.tcp, 60);
  });

  check('a timeout of 0 keeps what there was', async (bench) => {
    await bench.done(timeouts(0, 0, 0));
    assert.deepEqual((await bench.engine.snapshot()).timeouts, { tcp: 900, tcpfin: 120, udp: 300 });
    await bench.done(timeouts(8_589_934, 0, 31));
    assert.deepEqual((await bench.engine.snapshot()).timeouts, { tcp: 8_589_934, tcpfin: 120, udp: 31 });
  });

  check('zero is taken with and without a service', async (bench) => {
    const id = bench.service(0);
    await bench.done(...withDestinations(bench, id, 1), { kind: 'zero', service: id }, { kind: 'zero' });
    assert.equal((await found(bench, id)).statistics.counters.connections, 0n);
  });

  check('a batch goes on after a refusal and answers each operation', async (bench) => {
    const [first, second] = [bench.service(0), bench.service(1)];
    const outcomes = await bench.engine.execute([
      { kind: 'add-service', service: first, settings: bench.settings(first) },
      { kind: 'add-service', service: first, settings: bench.settings(first) },
      { kind: 'add-destination', service: second, destination: bench.destination(0) },
      { kind: 'add-service', service: second, settings: bench.settings(second) },
      { kind: 'add-destination', service: second, destination: bench.destination(0) },
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome?.code),
      [undefined, 'SERVICE_EXISTS', 'SERVICE_NOT_FOUND', undefined, undefined],
    );
    assert.equal((await bench.engine.snapshot()).services.length, 2);
    assert.equal((await found(bench, second)).destinations.length, 1);
    assert.deepEqual(await bench.engine.execute([]), []);
  });

  check('a snapshot stays as it was taken', async (bench) => {
    const id = bench.service(0);
    await bench.done(...withDestinations(bench, id, 2));
    const taken = await bench.engine.snapshot();
    const copy = structuredClone(taken);
    await bench.done(
      { kind: 'edit-destination', service: id, destination: bench.destination(0, weight(9)) },
      { kind: 'delete-destination', service: id, destination: bench.destination(1) },
      { kind: 'edit-service', service: id, settings: bench.settings(id, { scheduler: 'lc' }) },
      ...withDestinations(bench, bench.service(1), 1),
      timeouts(1, 1, 1),
    );
    assert.deepEqual(taken, copy);
    const again = await bench.engine.snapshot();
    const expected = structuredClone(again);
    scribble(again);
    assert.deepEqual(await bench.engine.snapshot(), expected);
  });

  check('daemons are listed, the master first, and stop', async (bench, t) => {
    const reason = withoutDaemons(bench);
    if (reason !== undefined) return t.skip(reason);
    const name = bench.interface ?? '';
    await bench.done(
      { kind: 'start-daemon', daemon: { role: 'backup', interface: name, syncId: 9, maxLength: 10 } },
      { kind: 'start-daemon', daemon: { role: 'master', interface: name, syncId: 5 } },
    );
    const defaults = { interface: name, group: '224.0.0.81', port: 8848, ttl: 1 };
    assert.deepEqual((await bench.engine.snapshot()).daemons, [
      { role: 'master', syncId: 5, maxLength: 1472, ...defaults },
      { role: 'backup', syncId: 9, maxLength: 1024, ...defaults },
    ]);
    await bench.done({ kind: 'stop-daemon', role: 'master' });
    assert.deepEqual(
      (await bench.engine.snapshot()).daemons.map((daemon) => daemon.role),
      ['backup'],
    );
  });

  check('can be closed twice', async (bench) => {
    await bench.done(...withDestinations(bench, bench.service(0), 1));
    await bench.engine.close(50);
    await bench.engine.close(0);
  });
}

function timeouts(tcp: number, tcpfin: number, udp: number): Operation {
  return {
    kind: 'set-timeouts',
    timeouts: { tcp: tcp as Seconds, tcpfin: tcpfin as Seconds, udp: udp as Seconds },
  };
}

/** Tries to change the engine through a picture of it; a frozen picture may refuse. */
function scribble(snapshot: TableSnapshot): void {
  try {
    for (const service of snapshot.services) {
      for (const destination of service.destinations) {
        Object.assign(destination.tunnel, { type: 'gre' });
        Object.assign(destination, { weight: 77 });
      }
      Object.assign(service.schedulerFlags, { flag1: true });
      Object.assign(service.id, { kind: 'scribbled' });
      Object.assign(service, { scheduler: 'scribbled', destinations: [] });
    }
    Object.assign(snapshot.timeouts, { tcp: 77 });
  } catch (error) {
    assert.ok(error instanceof TypeError);
  }
}
