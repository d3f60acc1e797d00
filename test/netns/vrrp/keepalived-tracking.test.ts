import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { Program } from '../lab/program.ts';
import { Duel, type Rival } from './fixture/duel.ts';
import { keepalivedUnavailable } from './fixture/keepalived.ts';

const VIP = '198.51.100.64';
/** A program of this name is tracked; it runs nowhere else. */
const MARK = `duel${process.pid}`;
const SERVICE = `tcp ${VIP}:80`;

const skip = labUnavailable() ?? keepalivedUnavailable() ?? false;

describe("what vipr and Debian's keepalived track moves the address between them", {
  skip,
  timeout: 240_000,
}, () => {
  let duel: Duel;
  let mark: Program | undefined;

  before(async () => {
    duel = await Duel.open();
    writeFileSync(duel.file('claim'), '0\n');
    copyFileSync('/bin/sleep', duel.file(MARK));
    chmodSync(duel.file(MARK), 0o755);
  });

  after(() => duel.close());

  afterEach(() => duel.end(VIP));

  it('vipr gives way for a file, a process, a script, an interface and a quorum, and comes back', async () => {
    startMark('vipr');
    await duel.startVipr(trackingVipr());
    duel.startKeepalived(keepalivedConf(100, ''));
    await duel.master('vipr', VIP);
    for (const [spoil, mend] of [
      [claim(-20), claim(0)],
      [stopMark, () => startMark('vipr')],
      [breakFile('broken'), mendFile('broken')],
      [device('vipr', 'down'), device('vipr', 'up')],
      [breakFile('unhealthy'), mendFile('unhealthy')],
    ] as const) {
      await spoil();
      await duel.master('keepalived', VIP);
      await mend();
      await duel.master('vipr', VIP);
    }
  });

  it('keepalived gives way for a file, a script and an interface, and comes back', {
    skip: onlyInWhole(),
  }, async () => {
    await duel.startVipr(viprYaml(100, ''));
    duel.startKeepalived(trackingKeepalived());
    await duel.master('keepalived', VIP);
    // It hears of processes by a connector that there is in the first network namespace alone.
    for (const [spoil, mend] of [
      [claim(-20), claim(0)],
      [breakFile('broken'), mendFile('broken')],
      [device('keepalived', 'down'), device('keepalived', 'up')],
    ] as const) {
      await spoil();
      await duel.master('vipr', VIP);
      await mend();
      await duel.master('keepalived', VIP);
    }
  });

  it('vipr in fault gives way at once, and a keepalived in fault does', { skip: onlyInWhole() }, async () => {
    const faulty = '\n      track: [{ interface: spare }]';
    await duel.startVipr(viprYaml(110, faulty));
    duel.startKeepalived(keepalivedConf(100, 'track_interface {\n spare\n }'));
    await duel.master('vipr', VIP);
    await device('vipr', 'down')();
    await duel.master('keepalived', VIP);
    await device('vipr', 'up')();
    await duel.master('vipr', VIP);
    await device('vipr', 'down')();
    await duel.master('keepalived', VIP);
    await device('keepalived', 'down')();
    await device('vipr', 'up')();
    await duel.master('vipr', VIP);
  });

  function trackingVipr(): string {
    const track = `
      track:
        - { file: ${duel.file('claim')}, weight: 1 }
        - { process: ${MARK}, weight: -20 }
        - { script: whole }
        - { interface: spare, weight: -20 }
        - { service: ${SERVICE}, weight: -20 }`;
    return `${viprYaml(110, track)}
  scripts:
    - { name: whole, command: test ! -e ${duel.file('broken')}, interval: 300ms, weight: -20 }
checks:
  well: { type: misc, command: test ! -e ${duel.file('unhealthy')}, interval: 300ms }
services:
  - service: ${SERVICE}
    checks: [well]
    destinations: [{ address: 10.2.0.11:80 }]
`;
  }

  function trackingKeepalived(): string {
    return `vrrp_track_file claim {
  file ${duel.file('claim')}
}
vrrp_script whole {
  script "/usr/bin/test ! -e ${duel.file('broken')}"
  interval 1
  weight -20
}
${keepalivedConf(110, 'track_file {\n claim weight 1\n }\n track_script {\n whole\n }\n track_interface {\n spare weight -20\n }')}`;
  }

  function claim(value: number): () => void {
    return () => writeFileSync(duel.file('claim'), `${value}\n`);
  }

  function breakFile(name: string): () => void {
    return () => writeFileSync(duel.file(name), '');
  }

  function mendFile(name: string): () => Promise<string> {
    return () => duel.host('vipr').shell(`rm ${duel.file(name)}`);
  }

  function device(rival: Rival, state: 'up' | 'down'): () => Promise<string> {
    return () => duel.host(rival).shell(`ip link set spare ${state}`);
  }

  function startMark(rival: Rival): void {
    mark = duel.host(rival).start([duel.file(MARK), '600']);
  }

  async function stopMark(): Promise<void> {
    await mark?.stop('SIGKILL');
  }
});

function viprYaml(priority: number, more: string): string {
  return `vrrp:
  instances:
    - name: web
      interface: eth0
      id: 64
      priority: ${priority}
      interval: 200ms
      addresses: [${VIP}/32]${more}`;
}

function keepalivedConf(priority: number, more: string): string {
  return `global_defs {
  vrrp_version 3
  script_user root
}
vrrp_instance web {
  state BACKUP
  interface eth0
  virtual_router_id 64
  priority ${priority}
  advert_int 0.2
  virtual_ipaddress {
    ${VIP}/32
  }
  ${more}
}
`;
}
