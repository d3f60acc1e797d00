import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../../src/model/operation.ts';
import type { ServiceId } from '../../src/model/service.ts';
import type { Seconds, Weight } from '../../src/model/unit.ts';
import { openDescriptors, settledDescriptors } from './fixture/descriptors.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { freeService } from './fixture/loopback.ts';
import {
  addition,
  deletion,
  edition,
  type Listening,
  RelayBench,
  serviceSettingsFor,
} from './fixture/relay-bench.ts';
import { SeededRandom } from './fixture/seeded-random.ts';
import { TcpClient } from './fixture/tcp-client.ts';
import { deadServer, startTcpServers } from './fixture/tcp-server.ts';
import { UdpClient } from './fixture/udp-client.ts';
import { closed, deadUdpServer, startUdpServers } from './fixture/udp-server.ts';

const DURATION_MS = 6000;
const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'sh', 'mh', 'lblc', 'lblcr', 'sed', 'nq', 'twos', 'none'];

/** A service with the servers that it may have. */
interface Stage {
  readonly id: ServiceId;
  readonly servers: readonly Listening[];
}

test('whatever clients and operators do at once, no byte is wrong and nothing is left over', {
  timeout: 60_000,
}, async (t) => {
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`CHAOS_SEED=${seed} repeats what was asked, though not its timing`);
  const random = new SeededRandom(seed);
  const bench = await RelayBench.start(t, { workers: 3, connectTimeout: 1 });
  const tcp = [...(await startTcpServers(t, 3)), await deadServer(t, 'x')];
  const udp = [...(await startUdpServers(t, 3)), await deadUdpServer(t, 'y')];
  const stages: Stage[] = [
    { id: await freeService(), servers: tcp },
    { id: await freeService(), servers: tcp },
    { id: await freeService('udp'), servers: udp },
    { id: await freeService('udp'), servers: udp },
  ];
  const before = await settledDescriptors();
  const deadline = performance.now() + DURATION_MS;
  const failures: unknown[] = [];
  const repeat = async (step: () => Promise<void>): Promise<void> => {
    try {
      while (performance.now() < deadline && failures.length === 0) await step();
    } catch (error) {
      failures.push(error);
    }
  };
  const [tcpStages, udpStages] = [stages.slice(0, 2), stages.slice(2)];
  await Promise.all([
    ...stages.map((stage) => bench.engine.execute(creation(stage))),
    repeat(async () => {
      await bench.engine.execute(Array.from({ length: 1 + random.below(5) }, () => change(random, stages)));
      await sleep(random.below(20));
    }),
    repeat(async () => {
      for (const { id } of stages) await bench.entries(id);
      await sleep(50);
    }),
    ...Array.from({ length: 25 }, () => repeat(() => tcpClient(t, random, random.pick(tcpStages).id))),
    ...Array.from({ length: 10 }, () => repeat(() => udpClient(t, random, random.pick(udpStages).id))),
  ]);
  assert.deepEqual(failures, []);

  for (const stage of stages) {
    await bench.engine.execute([{ kind: 'delete-service', service: stage.id }]);
    await bench.done(...creation(stage));
  }
  await eventuallyEqual(openDescriptors, before + 2 + 2 * 3);
  for (const { id, servers } of stages) {
    for (const server of servers) {
      await eventuallyEqual(async () => (await bench.counts(id, server))[0], 0);
    }
  }
  // All were deleted, so nothing runs; what is listed are ended TCP connections and templates.
  for (const { id } of stages) {
    const states = new Set(await bench.states(id));
    for (const state of ['CLOSE', 'TIME_WAIT', 'NONE', 'ASSURED']) states.delete(state);
    assert.deepEqual(states, new Set());
  }
  for (const { id } of tcpStages) {
    const client = await TcpClient.connect(t, id);
    assert.match(await client.name(), /[abc]/);
  }
  for (const { id } of udpStages) {
    const client = await UdpClient.open(t, id);
    assert.match(await client.ask('x'), /[abc]:x/);
  }
});

function creation({ id, servers }: Stage): Operation[] {
  return [
    { kind: 'add-service', service: id, settings: serviceSettingsFor(id) },
    ...servers.map((server) => addition(id, server)),
  ];
}

/** Anything that an operator may do; much of it is refused. */
function change(random: SeededRandom, stages: readonly Stage[]): Operation {
  const { id, servers } = random.pick(stages);
  const server = random.pick(servers);
  const limits = random.below(4) === 0 ? { upperThreshold: 1 + random.below(5) } : {};
  const destination = { weight: random.below(4) as Weight, ...limits };
  const settings = serviceSettingsFor(id, {
    scheduler: random.pick(SCHEDULERS),
    onePacket: random.below(3) === 0,
    ...(random.below(2) === 0 ? { persistenceTimeout: (1 + random.below(3)) as Seconds } : {}),
  });
  switch (random.below(12)) {
    case 0:
      return { kind: 'delete-service', service: id };
    case 1:
    case 2:
      return { kind: 'add-service', service: id, settings };
    case 3:
    case 4:
      return { kind: 'edit-service', service: id, settings };
    case 5:
      return deletion(id, server);
    case 6:
      return edition(id, server, destination);
    case 7:
      return {
        kind: 'set-timeouts',
        timeouts: { tcp: random.below(3) as Seconds, tcpfin: 1 as Seconds, udp: 1 as Seconds },
      };
    case 8:
      return { kind: 'zero' };
    default:
      return addition(id, server, destination);
  }
}

/** Connects, speaks, and leaves in one of many ways. What comes back is what was sent, as far as it comes. */
async function tcpClient(t: TestContext, random: SeededRandom, id: ServiceId): Promise<void> {
  let client: TcpClient;
  try {
    client = await TcpClient.connect(t, id, `127.0.0.${1 + random.below(9)}`);
  } catch {
    return sleep(5); // there is no such service at the moment
  }
  const text = `${random.below(1e9)},`.repeat(1 + random.below(random.pick([2, 200, 30_000])));
  client.socket.write(text);
  let cut = false;
  const reset = (): void => {
    cut = true;
    client.socket.resetAndDestroy();
  };
  switch (random.below(4)) {
    case 0:
      client.socket.end();
      break;
    case 1:
      setTimeout(reset, random.below(20));
      break;
    case 2:
      client.socket.once('data', () => client.socket.end());
      break;
    default:
      setTimeout(() => client.socket.end(), random.below(300));
  }
  const giveUp = setTimeout(reset, 3000);
  client.socket.once('end', () => client.socket.end());
  const outcome = await client.outcome;
  clearTimeout(giveUp);
  const [name = '', echoed = ''] = client.received.split('\n');
  assert.ok(name.length <= 1 && text.startsWith(echoed), 'what came back is not what was sent');
  if (outcome === 'end' && !cut) assert.equal(echoed.length, text.length);
}

async function udpClient(t: TestContext, random: SeededRandom, id: ServiceId): Promise<void> {
  const client = await UdpClient.open(t, id, `127.0.0.${1 + random.below(9)}`).catch(() => undefined);
  if (client === undefined) return;
  // While there is no such service the system refuses datagrams; a connected socket hears of it.
  client.socket.removeAllListeners('error').on('error', () => undefined);
  for (let datagram = random.below(20); datagram > 0; datagram--) {
    const text = `${random.below(1e9)}`;
    client.send(text);
    const answer = await client.answer(50).catch(() => undefined);
    if (answer !== undefined) assert.match(answer.toString(), /^[abc]:\d+$/);
  }
  await closed(client.socket);
}
