import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../project/source-file.ts';
import { Lab } from './lab/lab.ts';
import { labUnavailable } from './lab/lab-unavailable.ts';
import type { Outcome, Program } from './lab/program.ts';
import { curl, curlSha256 } from './peer/curl.ts';
import { makeLargeFile } from './peer/large-file.ts';
import { startNginx } from './peer/nginx.ts';

const CONFIG = `engine: ebpf
ebpf: { connections: 4096, services: 64, destinations: 64 }
services:
  - service: tcp 192.0.2.10:80
    scheduler: rr
    destinations: [{ address: 10.2.0.11:80 }, { address: 10.2.0.12:80 }]
`;
const VIP = 'http://192.0.2.10/';
/** Bytes a second of the download, so that it outlasts a restart; and its size in megabytes. */
const PACE = '3M';
const MEGABYTES = 16;
/** Devices that XDP can be redirected to, and whole checksums. */
const XDP_OFFLOAD = { tx: false, tso: false, gso: false, gro: true };

/** The vipr of this checkout on the lab's director. */
class Vipr {
  readonly #lab: Lab;
  readonly #environment: NodeJS.ProcessEnv;
  readonly config: string;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.config = join(lab.directory, 'vipr.yaml');
    writeFileSync(this.config, CONFIG);
    this.#environment = {
      VIPR_SOCKET: join(lab.directory, 'vipr.sock'),
      VIPR_BPF_DIR: join(lab.bpfFileSystem, 'vipr'),
    };
  }

  run(...words: readonly string[]): Promise<Outcome> {
    return this.#lab.director.run(this.#command(words), { environment: this.#environment, limitMs: 20_000 });
  }

  /** Starts `vipr up`, and waits until it runs. */
  async up(...words: readonly string[]): Promise<Program> {
    const command = this.#command(['up', '--config', this.config, ...words]);
    const program = this.#lab.director.start(command, { environment: this.#environment });
    for (let n = 0; n < 1000 && !program.stderr.includes('control socket'); n++) {
      if (program.isOver) break;
      await sleep(20);
    }
    assert.match(program.stderr, /control socket/);
    return program;
  }

  #command(words: readonly string[]): string[] {
    return [process.execPath, join(CHECKOUT, 'src/commands/main.ts'), ...words];
  }
}

const skip = labUnavailable('nginx', 'curl', 'bpftool') ?? false;

describe('a director with the eBPF engine', { skip, timeout: 180_000 }, () => {
  for (const attach of ['tc', 'xdp']) {
    it(`killed under load and started again it loses no connection and no counter, ${attach}`, async (t) => {
      const { lab, vipr } = await open(t, attach);
      const largeFile = await makeLargeFile(lab, MEGABYTES);
      await Promise.all(lab.servers.map((server) => startNginx(lab, server, { ports: [80], largeFile })));
      const first = await vipr.up('--attach', attach);
      const answers = [await curl(lab.client, VIP), await curl(lab.client, VIP)].sort();
      assert.deepEqual(answers, ['rs1 10.1.0.2\n', 'rs2 10.1.0.2\n']);
      const words = ['--limit-rate', PACE];
      const download = curlSha256(lab.client, `${VIP}large`, { words, limitSeconds: 60 });
      await sleep(500);
      await first.stop('SIGKILL');
      assert.equal((await curl(lab.client, VIP)).slice(0, 2), 'rs', 'the kernel goes on balancing');
      const second = await vipr.up('--attach', attach);
      const { stdout } = await vipr.run('ipvsadm', '-Ln', '--stats', '--exact');
      assert.match(String(stdout), /TCP {2}192\.0\.2\.10:80 +4 /, String(stdout));
      assert.equal(await download, largeFile.sha256);
      await second.stop('SIGTERM');
      assert.equal(
        (await curl(lab.client, VIP)).slice(0, 2),
        'rs',
        'a director that ended leaves it running',
      );
      const down = await vipr.run('down');
      assert.deepEqual([down.code, down.stderr], [0, '']);
      await assert.rejects(curl(lab.client, VIP), /curl/);
    });
  }

  it('vipr status shows the interfaces; vipr down waits for the end of the director, and can be run again', async (t) => {
    const { lab, vipr } = await open(t);
    const director = await vipr.up('--interface', 'eth0', '--interface', 'lan*');
    const status = String((await vipr.run('status')).stdout);
    assert.match(status, /^interface eth0: tc \((tcx|clsact)\): a veth carries packets/m);
    assert.doesNotMatch(status, /^interface eth1/m);
    const early = await vipr.run('down');
    assert.equal(early.code, 1);
    assert.match(early.stderr, /A director already runs the instance default.*\nStop it first/);
    const twice = await vipr.run('up', '--config', vipr.config, '--socket', join(lab.directory, 'two.sock'));
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /A director already runs the instance default/);
    await director.stop('SIGTERM');
    const down = await vipr.run('down');
    assert.match(
      String(down.stdout),
      /^programs taken off eth0: .*ingress.*\n\d+ maps and the directory .*vipr\/default removed\n$/,
    );
    assert.equal(existsSync(join(lab.bpfFileSystem, 'vipr')), false);
    const again = await vipr.run('down');
    assert.deepEqual([again.code, String(again.stdout)], [0, 'nothing to remove\n']);
  });

  it('a director in another network namespace does not get the instance', async (t) => {
    const { lab, vipr } = await open(t);
    const director = await vipr.up();
    await director.stop('SIGTERM');
    const elsewhere = await lab.client.run(
      [process.execPath, join(CHECKOUT, 'src/commands/main.ts'), 'up', '--config', vipr.config],
      {
        environment: {
          VIPR_SOCKET: join(lab.directory, 'else.sock'),
          VIPR_BPF_DIR: join(lab.bpfFileSystem, 'vipr'),
        },
      },
    );
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /is attached in another network namespace.*\nName another instance/);
    const down = await lab.client.run([process.execPath, join(CHECKOUT, 'src/commands/main.ts'), 'down'], {
      environment: { VIPR_BPF_DIR: join(lab.bpfFileSystem, 'vipr') },
    });
    assert.deepEqual([down.code, down.stderr], [0, ''], 'links can be taken off from anywhere');
    assert.doesNotMatch(await lab.director.output(['bpftool', 'net']), /vipr_/);
  });
});

/** XDP sees the checksums of veth unfinished unless their offload is off. */
async function open(t: TestContext, attach = 'tc'): Promise<{ readonly lab: Lab; readonly vipr: Vipr }> {
  const lab = await Lab.open({ servers: 2, offload: attach === 'xdp' ? XDP_OFFLOAD : {} });
  t.after(() => lab.close());
  return { lab, vipr: new Vipr(lab) };
}
