import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Processes, type RealServer } from './processes.ts';
import { command, heading, ipvsadm, say } from './shell.ts';
import { describe, dnsTraffic, httpTraffic, type Tally } from './traffic.ts';

const USAGE = `npm run demo [-- --keep]

Balances real HTTP and DNS traffic over three real servers on loopback and shows it with ipvsadm. Needs no root.

  --keep   leave everything running until Ctrl-C
  --help   this text`;

const VIP = '127.0.0.1';
const FIRST_REQUESTS = 300;
const QUESTIONS = 60;
const REQUESTS_AFTER_DEATH = 150;

const { values } = parseArgs({ options: { keep: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) say(USAGE);
else process.exitCode = await demo(values.keep ?? false);

async function demo(keep: boolean): Promise<number> {
  const started = Date.now();
  const directory = mkdtempSync(join(tmpdir(), 'vipr-demo-'));
  const processes = new Processes();
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(130));
  });
  try {
    return await Promise.race([story(processes, directory, keep, started), interrupted]);
  } finally {
    await processes.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function story(
  processes: Processes,
  directory: string,
  keep: boolean,
  started: number,
): Promise<number> {
  heading('1. Three real servers: each answers HTTP and DNS with its name');
  const servers = await Promise.all(['rs1', 'rs2', 'rs3'].map((name) => processes.realServer(name)));
  for (const server of servers) say(`${server.name}: http ${VIP}:${server.http}, dns ${VIP}:${server.dns}`);

  heading('2. The director');
  const socket = join(directory, 'vipr.sock');
  const env = { ...process.env, VIPR_SOCKET: socket };
  const director = processes.start(
    command('vipr'),
    ['up', '--engine', 'relay', '--log-level', 'warn'],
    env,
    (line) => say(`vipr: ${line}`),
  );
  await untilReady(director, socket);
  say(`vipr up --engine relay, socket ${socket}`);

  heading('3. Two virtual services, set with ipvsadm');
  const port = await freePort();
  const web = `-t ${VIP}:${port}`;
  const names = `-u ${VIP}:${port}`;
  ipvsadm(`-A ${web} -s wlc`, env);
  for (const server of servers) ipvsadm(`-a ${web} -r ${VIP}:${server.http} -m`, env);
  ipvsadm(`-A ${names} -s rr`, env);
  for (const server of servers) ipvsadm(`-a ${names} -r ${VIP}:${server.dns} -m`, env);

  heading(`4. Traffic: ${FIRST_REQUESTS} HTTP requests, ${QUESTIONS} DNS questions`);
  const failed: string[] = [];
  const first = await httpTraffic(VIP, port, FIRST_REQUESTS, 8);
  say(`http: ${describe(first)}`);
  const asked = await dnsTraffic(VIP, port, QUESTIONS, 4);
  say(`dns:  ${describe(asked)}`);
  failed.push(...missing(first, servers, 'HTTP'), ...missing(asked, servers, 'DNS'));

  heading('5. What ipvsadm shows');
  ipvsadm('-Ln', env);
  ipvsadm('-Ln --stats', env);
  ipvsadm('-Lnc', env, 8);

  heading(`6. ${servers[0]?.name} is killed; ${REQUESTS_AFTER_DEATH} more requests`);
  const [victim, ...survivors] = servers;
  if (victim !== undefined) {
    victim.process.kill('SIGKILL');
    await once(victim.process, 'exit');
  }
  const second = await httpTraffic(VIP, port, REQUESTS_AFTER_DEATH, 8);
  say(`http: ${describe(second)}`);
  failed.push(...missing(second, survivors, 'HTTP after the death'));
  ipvsadm(`-Ln ${web}`, env);

  heading('7. What was done');
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const total = FIRST_REQUESTS + QUESTIONS + REQUESTS_AFTER_DEATH;
  say(`${total} real requests over 3 servers, one of which died, in ${seconds} s.`);
  for (const problem of failed) say(`FAILED: ${problem}`);
  say(`Next: bin/vipr up --help; docs/tutorial.md; 'npm run demo -- --keep' to try things yourself.`);
  if (keep) {
    say(
      `\nRunning. In another terminal: export VIPR_SOCKET=${socket}; bin/ipvsadm -Ln; curl ${VIP}:${port}. Ctrl-C ends it.`,
    );
    await once(director, 'exit');
  }
  return failed.length === 0 ? 0 : 1;
}

/** Every request must have been answered, and every server must have answered some. */
function missing({ answers, failures }: Tally, servers: readonly RealServer[], what: string): string[] {
  const idle = servers
    .filter(({ name }) => !answers.has(name))
    .map(({ name }) => `${what}: ${name} got no request`);
  return failures.length === 0 ? idle : [`${what}: ${failures.length} requests had no answer`, ...idle];
}

async function untilReady(director: ChildProcess, socket: string): Promise<void> {
  for (let wait = 0; wait < 100; wait++) {
    if (existsSync(socket)) return;
    if (director.exitCode !== null) throw new Error(`vipr up ended with ${director.exitCode}`);
    await delay(100);
  }
  throw new Error('vipr up did not open its socket within 10 s');
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, VIP);
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  return port;
}
