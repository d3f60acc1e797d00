/** What operators do and ask while checks run: drains, and where clients go. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Explanation } from '../../../../src/api/operated-director.ts';
import { onlyInWhole } from '../../ebpf/fixture/extent.ts';
import { HeldConnections } from '../../ebpf/fixture/held-connections.ts';
import { listedConnections } from '../../ebpf/fixture/listing.ts';
import { until } from '../../ebpf/fixture/until.ts';
import { serverAddress } from '../../lab/address.ts';
import { answering, datagrams } from '../fixture/ask.ts';
import { type HealthLab, LIMIT_MS } from '../fixture/health-lab.ts';
import { SERVICES } from '../fixture/services.ts';
import { ALL_UP, allWithout, nameOf } from '../fixture/who-is-up.ts';

/** Of the client, for explanations. */
const ADDRESSES = [21, 22, 23, 24, 25, 26].map((last) => `10.1.0.${last}`);
const CLIENT = '10.1.0.2';

export function operatingSuite(site: () => HealthLab): void {
  it('a persistent client of UDP gets another server as soon as its own is dead', async () => {
    await site().untilUp(ALL_UP);
    const first = await serverOfDatagrams(site());
    await site().programs.kill('udp', numberOf(first));
    await site().untilUp(allWithout(first, 'udp'));
    const second = await serverOfDatagrams(site());
    assert.notEqual(second, first);
    await site().programs.start('udp', numberOf(first));
    await site().untilUp(ALL_UP);
    assert.equal(await serverOfDatagrams(site()), second, 'it stays with the new one');
    for (const [port, by] of [
      [40_000, 'connection'],
      [40_001, 'template'],
    ] as const) {
      const explained = await explain(site(), `${CLIENT}:${port}`, SERVICES.udp);
      assert.deepEqual([explained.by, nameOf(explained.destination ?? '')], [by, second]);
    }
  });

  it('a drain lets a held connection go on, and ends it with its deadline', async () => {
    const service = SERVICES.tcp;
    const [address = '', port] = service.slice('tcp '.length).split(':');
    const held = await HeldConnections.open(site().lab.client, {
      server: address,
      port: Number(port),
      from: CLIENT,
      count: 1,
    });
    assert.deepEqual(await held.ask(), { answered: 1, ended: 0 });
    const { client, server } = await heldConnection(site(), service);
    const number = numberOf(server);
    const drained = [serverAddress('inet', number), '--service', service];
    const explained = await explain(site(), client, service);
    assert.deepEqual([explained.by, nameOf(explained.destination ?? '')], ['connection', server]);

    assert.equal((await site().vipr('drain', ...drained, '--no-wait')).code, 0);
    const others = ALL_UP.tcp.filter((each) => each !== server);
    assert.deepEqual(new Set(await answering(site(), 'tcp', 6)), new Set(others));
    assert.deepEqual(await held.ask(), { answered: 1, ended: 0 });
    const { weight, reason, state } = await site().server('tcp', number);
    assert.deepEqual({ weight, reason, state }, { weight: 0, reason: 'draining', state: 'up' });
    assert.match(String((await site().vipr('drain')).stdout), /draining/);

    const expired = await site().vipr('drain', ...drained, '--deadline', '1s');
    assert.equal(expired.code, 3, `${expired.stdout}${expired.stderr}`);
    await until(async () => assert.deepEqual(await held.ask(), { answered: 0, ended: 1 }), LIMIT_MS);
    assert.deepEqual(new Set(await answering(site(), 'tcp', 6)), new Set(others));
    // It is healthy all the time: checks do not bring it back.
    await site().untilUp(ALL_UP);
    assert.equal((await site().server('tcp', number)).weight, 0);

    assert.equal((await site().vipr('restore', ...drained)).code, 0);
    assert.deepEqual(new Set(await answering(site(), 'tcp', 6)), new Set(ALL_UP.tcp));
    assert.equal((await site().vipr('restore', ...drained)).code, 1, 'there is nothing to restore');
  });

  it('vipr explain names the server that answers', async () => {
    const { client } = site().lab;
    await client.shell(ADDRESSES.map((address) => `ip addr add ${address}/16 dev eth0\n`).join(''));
    const named = new Set<string>();
    for (const address of ADDRESSES) {
      const explained = await explain(site(), address, SERVICES.ping);
      assert.deepEqual([explained.by, explained.certain], ['scheduler', true]);
      const server = nameOf(explained.destination ?? '');
      assert.deepEqual(await answering(site(), 'ping', 2, address), [server, server], address);
      named.add(server);
    }
    assert.ok(named.size > 1, 'clients differ');
    // Whose turn it is cannot be told, and is not said to be certain.
    const explained = await explain(site(), CLIENT, SERVICES.http);
    assert.deepEqual([explained.by, explained.certain], ['scheduler', false]);
    const eligible = explained.candidates.filter((each) => each.eligible);
    assert.deepEqual(eligible.map(({ destination }) => nameOf(destination)).toSorted(), ALL_UP.http);
  });

  it('vipr explain says why it is not a server that is dead', { skip: onlyInWhole() }, async () => {
    await site().programs.kill('web', 1);
    await site().untilUp(allWithout('rs1', 'http', 'tcp', 'path', 'slow'));
    const { candidates } = await explain(site(), CLIENT, SERVICES.http);
    const dead = candidates.find(({ destination }) => nameOf(destination) === 'rs1');
    assert.equal(dead?.eligible, false);
    assert.match(dead.why, /down.*refused/);
    await site().programs.start('web', 1);
    await site().untilUp(ALL_UP);
  });
}

/** The one that answers three datagrams from the same port; every one is answered. */
async function serverOfDatagrams(site: HealthLab): Promise<string> {
  const answers = await datagrams(site, 3);
  const names = answers.map((answer) => {
    assert.ok(answer !== null && 'text' in answer, JSON.stringify(answer));
    return answer.text.slice(0, 3);
  });
  const [first = ''] = names;
  assert.deepEqual(names, [first, first, first]);
  return first;
}

/** The only established connection of a service. */
async function heldConnection(
  site: HealthLab,
  service: string,
): Promise<{ readonly client: string; readonly server: string }> {
  return until(async () => {
    const { stdout } = await site.vipr('ipvsadm', '-Lcn');
    const [found, ...more] = listedConnections(String(stdout)).filter(
      ({ virtual, state }) => virtual === service.slice('tcp '.length) && state === 'ESTABLISHED',
    );
    assert.ok(found !== undefined && more.length === 0, String(stdout));
    return { client: found.client, server: nameOf(found.destination) };
  }, LIMIT_MS);
}

async function explain(site: HealthLab, client: string, service: string): Promise<Explanation> {
  const { stdout, stderr } = await site.vipr('explain', client, '--service', service, '--json');
  assert.equal(stderr, '');
  return JSON.parse(String(stdout)) as Explanation;
}

function numberOf(server: string): number {
  return Number(server.slice('rs'.length));
}
