import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../ebpf/fixture/until.ts';
import { CLIENT_ADDRESSES } from '../../lab/address.ts';
import { Lab } from '../../lab/lab.ts';
import type { Program } from '../../lab/program.ts';
import { PORTS } from '../fixture/target.ts';
import { startEchoServer } from '../load/echo-server.ts';
import { monotonicNow } from '../load/load.ts';
import { type Outage, outageOf } from '../load/outage.ts';
import { type Probe, startProbe } from '../load/probe.ts';
import { type RouterKind, SHARED_ADDRESS, type Sharing, startRouter } from './router.ts';

const TARGET = 'shared';
const LIMIT_MS = 40_000;
/** What each says when it has begun. */
const READY = { vipr: /initialize -> backup/, keepalived: /Entering BACKUP STATE/ } as const;

/** A lab whose directors serve, by themselves, whatever address VRRP gives them. */
export async function openRouterLab(): Promise<Lab> {
  const lab = await Lab.open({ directors: 2, servers: 1 });
  try {
    for (const name of ['lvs1', 'lvs2']) await startEchoServer(lab.host(name), PORTS.echo);
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** How long new connections to the shared address fail when the host of its master is dead. */
export async function measureTakeover(
  lab: Lab,
  [first, second]: readonly [RouterKind, RouterKind],
  sharing: Sharing,
): Promise<Outage> {
  const { family } = sharing;
  const address = SHARED_ADDRESS[family];
  const routers: Program[] = [];
  let probe: Probe | undefined;
  try {
    for (const [index, kind] of [first, second].entries()) {
      const router = startRouter(lab, kind, index === 0 ? 1 : 2, sharing);
      routers.push(router);
      await until(() => assert.match(router.stderr, READY[kind]), LIMIT_MS);
    }
    // Time in which the second one takes over if it does not hear the first.
    await sleep(5 * sharing.intervalMs);
    await until(async () => {
      const holders = [await has(lab, 'lvs1', address), await has(lab, 'lvs2', address)];
      const logs = routers.map(({ stderr }) => stderr).join('\n');
      assert.deepEqual(holders, [true, false], `the first one is not the only master: ${logs}`);
    }, LIMIT_MS);
    const from = CLIENT_ADDRESSES[family].throughDirector;
    const target = { name: TARGET, address, port: PORTS.echo, from };
    probe = await startProbe(lab.client, { targets: [target] });
    // Advertisements of several intervals, and the client knows the way.
    await sleep(1000);
    await probe.ask();
    const struck = monotonicNow();
    await lab.host('switch').shell('ip link set front-lvs1 down');
    await routers[0]?.stop('SIGKILL');
    await until(async () => {
      assert.ok(await has(lab, 'lvs2', address), `${second} does not follow`);
    }, LIMIT_MS);
    await sleep(1000);
    return outageOf(await probe.ask(), TARGET, struck);
  } finally {
    await Promise.all([probe?.close(), ...routers.map((router) => router.stop('SIGTERM', 5000))]);
    await restore(lab, address);
  }
}

async function has(lab: Lab, name: string, address: string): Promise<boolean> {
  return (await lab.host(name).output(['ip', '-o', 'addr'])).includes(` ${address}/`);
}

/** The one that was killed left the address. */
async function restore(lab: Lab, address: string): Promise<void> {
  const prefixLength = address.includes(':') ? 128 : 32;
  for (const name of ['lvs1', 'lvs2'])
    if (await has(lab, name, address))
      await lab.host(name).output(['ip', 'addr', 'del', `${address}/${prefixLength}`, 'dev', 'eth0']);
  await lab.host('switch').shell('ip link set front-lvs1 up');
  await lab
    .host('lvs1')
    .shell(
      'until [ "$(cat /sys/class/net/eth0/operstate)" = up ]; do ip link show dev eth0 >/dev/null; sleep 0.01; done',
    );
}
