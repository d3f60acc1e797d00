import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { labUnavailable } from '../netns/lab/lab-unavailable.ts';
import { Capture } from '../netns/peer/capture.ts';
import { ping } from '../netns/peer/ping.ts';
import { TwoHosts } from './two-hosts.ts';

const VIPS = ['192.0.2.10', '2001:db8::10'] as const;
const TUNNELS = ['ipip', 'gue', 'gre'].flatMap((kind) => ['--tunnel', kind]);
const SETUP = ['setup', ...VIPS, ...TUNNELS, '--decapsulation', 'bpf'];

async function open(t: TestContext): Promise<TwoHosts> {
  const hosts = await TwoHosts.open();
  t.after(() => hosts.close());
  return hosts;
}

/** Everything that a setup could change, by lines. */
async function dump({ server, pins }: TwoHosts): Promise<readonly string[]> {
  const text = await server.shell(`
    ip -d addr; ip route show table all; ip -6 route show table all
    sysctl -a 2>/dev/null | grep '^net\\.ipv[46]\\.conf\\.'
    for parent in ingress egress; do tc filter show dev eth0 $parent; done 2>&1; tc qdisc`);
  return [...text.split('\n'), existsSync(pins) ? readdirSync(pins).join() : 'no pins'];
}

/** The lines that only one of two dumps has. */
function difference(before: readonly string[], after: readonly string[]): readonly string[] {
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  return [...gone, ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`)];
}

/** Makes the client ask its neighbours for an address, instead of sending packets to the server's. */
async function askForVirtualAddresses({ client }: TwoHosts): Promise<void> {
  await client.shell('ip route add 192.0.2.10/32 dev eth0; ip route add 2001:db8::10/128 dev eth0');
}

async function answered({ client }: TwoHosts): Promise<readonly number[]> {
  await client.shell('ip neigh flush dev eth0; ip -6 neigh flush dev eth0');
  const results = await Promise.all(VIPS.map((vip) => ping(client, vip)));
  return results.map(({ received }) => received);
}

const unavailable = labUnavailable('ping', 'tcpdump') ?? false;

describe('vipr realserver', { skip: unavailable, timeout: 120_000 }, () => {
  it('sets up, finds nothing to do the second time, checks, and undoes what it did', async (t) => {
    const hosts = await open(t);
    const before = await dump(hosts);
    assert.equal((await hosts.vipr('check', ...VIPS, ...TUNNELS)).code, 1);
    const planned = await hosts.vipr(...SETUP, '--dry-run');
    assert.equal(planned.code, 0, planned.text);
    assert.deepEqual(difference(before, await dump(hosts)), [], 'a dry run and a check change nothing');

    const first = await hosts.vipr(...SETUP);
    assert.equal(first.code, 0, first.text);
    assert.match(first.text, /^set {2}net\.ipv4\.conf\.all\.arp_ignore = 1 \(was 0\)$/m);
    const set = (text: string) => text.split('\n').filter((line) => /set {2}/.test(line));
    assert.deepEqual(
      set(planned.text).map((line) => line.replace(/^would /, '')),
      set(first.text),
    );
    const made = await dump(hosts);
    assert.notDeepEqual(difference(before, made), []);

    const second = await hosts.vipr(...SETUP);
    assert.equal(second.code, 0);
    assert.match(second.text, /^nothing was to change\n/);
    assert.deepEqual(difference(made, await dump(hosts)), []);
    const check = await hosts.vipr('check', '--json');
    assert.equal(check.code, 0, check.text);
    const { requirements } = JSON.parse(check.text);
    assert.deepEqual(
      requirements.filter(({ state }: { state: string }) => !['ok', 'note'].includes(state)),
      [],
    );

    const undone = await hosts.vipr('undo');
    assert.equal(undone.code, 0, undone.text);
    assert.deepEqual(difference(before, await dump(hosts)), []);
    assert.equal((await hosts.vipr('undo')).text, 'nothing to undo\n');
  });

  it('leaves what was there before, and what somebody changed since', async (t) => {
    const hosts = await open(t);
    await hosts.server.shell(`
      ip addr add 192.0.2.10/32 dev lo
      sysctl -qw net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.eth0.rp_filter=1`);
    const before = await dump(hosts);
    const { text } = await hosts.vipr(...SETUP);
    assert.doesNotMatch(text, /192\.0\.2\.10\/32|arp_announce|lo up/);
    assert.match(text, /^set {2}net\.ipv4\.conf\.eth0\.rp_filter = 2 \(was 1\)$/m);
    await hosts.server.shell('sysctl -qw net.ipv4.conf.all.arp_ignore=8');
    const undone = await hosts.vipr('undo');
    assert.match(undone.text, /^left {4}net\.ipv4\.conf\.all\.arp_ignore = 1 \(was 0\): somebody made it 8/m);
    await hosts.server.shell('sysctl -qw net.ipv4.conf.all.arp_ignore=0');
    assert.deepEqual(difference(before, await dump(hosts)), []);
  });

  it('goes on, and undoes, from where a crash left it', async (t) => {
    const hosts = await open(t);
    const before = await dump(hosts);
    await hosts.vipr(...SETUP);
    const made = await dump(hosts);
    const file = join(hosts.directory, 'state');
    const whole = JSON.parse(readFileSync(file, 'utf8'));
    await hosts.vipr('undo');
    assert.deepEqual(difference(before, await dump(hosts)), []);
    // The last of the recorded changes did not happen, and the first ones did.
    for (const recorded of [1, 3, whole.changes.length]) {
      writeFileSync(file, JSON.stringify({ ...whole, changes: whole.changes.slice(0, recorded) }));
      if (recorded > 1) await hosts.server.shell('sysctl -qw net.ipv4.conf.all.arp_ignore=1');
      if (recorded === 3) {
        assert.equal((await hosts.vipr(...SETUP)).code, 0);
        assert.deepEqual(difference(made, await dump(hosts)), []);
      }
      assert.equal((await hosts.vipr('undo')).code, 0);
      assert.deepEqual(difference(before, await dump(hosts)), [], `${recorded} recorded`);
    }
  });

  it('keeps ARP and neighbour discovery from answering for virtual addresses, and from asking in their name', async (t) => {
    const hosts = await open(t);
    await askForVirtualAddresses(hosts);
    await hosts.server.shell('ip addr add 192.0.2.10/32 dev lo; ip addr add 2001:db8::10/128 dev lo');
    assert.deepEqual(
      await answered(hosts),
      [1, 0],
      'of itself Linux answers ARP, and not ND, for addresses on lo',
    );
    assert.equal((await hosts.vipr('setup', ...VIPS)).code, 0);
    assert.deepEqual(await answered(hosts), [0, 0]);

    await hosts.client.shell('ip route del 192.0.2.10/32 dev eth0; ip route del 2001:db8::10/128 dev eth0');
    const requests = await Capture.start(hosts.client, 'eth0', 'arp[6:2] = 1 or icmp6[0] = 135');
    await hosts.server.shell('ip neigh flush dev eth0; ip -6 neigh flush dev eth0');
    assert.equal((await ping(hosts.server, '10.9.0.1', { from: '192.0.2.10' })).received, 1);
    assert.equal((await ping(hosts.server, 'fd09::1', { from: '2001:db8::10' })).received, 1);
    const senders = (await requests.stop()).map((frame) =>
      frame.readUInt16BE(12) === 0x0806 ? frame.toString('hex', 28, 32) : frame.toString('hex', 22, 38),
    );
    assert.ok(senders.includes('0a090002'), senders.join());
    assert.ok(!senders.includes('c000020a'));
    assert.ok(!senders.includes('20010db8000000000000000000000010'));
  });

  it('refuses to pin where the pins would end with the command', async (t) => {
    const { server, directory } = await open(t);
    const words = [
      'setup',
      VIPS[0],
      '--tunnel',
      'gue',
      '--decapsulation',
      'bpf',
      '--state',
      join(directory, 'state'),
    ];
    const main = join(import.meta.dirname, '../../src/commands/main.ts');
    // /sys inside `ip netns exec` is not the one outside.
    const { code, stderr } = await server.run([process.execPath, main, 'realserver', ...words]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^vipr: \/sys\/fs\/bpf is not on a BPF file system\.\nName a directory .* --bpf-dir/,
    );
  });

  it('finds the usual mistakes, and says what to do', async (t) => {
    const hosts = await open(t);
    await hosts.server.shell(`
      ip addr add 192.0.2.10/24 dev eth0; ip addr add 2001:db8::10/128 dev eth0 nodad
      ip addr add 192.0.2.11/24 dev lo
      sysctl -qw net.ipv4.conf.eth0.arp_ignore=3 net.ipv4.conf.all.rp_filter=1`);
    await askForVirtualAddresses(hosts);
    assert.deepEqual(await answered(hosts), [1, 1]);
    const { code, text } = await hosts.vipr('check', ...VIPS, '192.0.2.11', ...TUNNELS);
    assert.equal(code, 1);
    for (const line of [
      /^wrong {3}192\.0\.2\.10 is on eth0 too, where ARP for it is answered/m,
      /^ +Run `ip address delete 192\.0\.2\.10\/24 dev eth0`\.$/m,
      /^wrong {3}2001:db8::10 is on eth0 too, where neighbour discovery for it is answered/m,
      /^wrong {3}192\.0\.2\.11\/24 on lo makes all addresses of that network this host's own$/m,
      /^wrong {3}eth0 \(3\) answers ARP for the virtual addresses/m,
      /^ +Run `sysctl -w net\.ipv4\.conf\.all\.arp_ignore=1 net\.ipv4\.conf\.eth0\.arp_ignore=1`\.$/m,
      /^wrong {3}eth0 drops packets of clients, .*: rp_filter is 1$/m,
      /^wrong {3}nothing takes the outer headers of tunnelled packets off$/m,
      /^note {4}without a default route of IPv4/m,
      /^note {4}eth0 has MTU 1500, a tunnelled packet of 1500 bytes up to 1552/m,
    ])
      assert.match(text, line);
    const set = await hosts.vipr(...SETUP);
    assert.equal(set.code, 1, 'addresses that others set are theirs to remove');
    assert.match(set.text, /^wrong {3}192\.0\.2\.10 is on eth0 too/m);
  });

  it('lets a user who is not root check what can be read', async (t) => {
    const hosts = await open(t);
    assert.equal((await hosts.vipr('setup', ...VIPS)).code, 0);
    const words = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps=-all'];
    const main = join(import.meta.dirname, '../../src/commands/main.ts');
    const file = join(tmpdir(), `vipr-state-${process.pid}`);
    t.after(() => rmSync(file, { force: true }));
    const run = (...more: readonly string[]) =>
      hosts.server.run([...words, process.execPath, main, 'realserver', ...more, '--state', file]);
    const direct = await run('check', ...VIPS);
    assert.equal(direct.code, 0, `${direct.stdout}${direct.stderr}`);
    const refused = await run('setup', ...VIPS, '192.0.2.12');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /root/);
  });
});
