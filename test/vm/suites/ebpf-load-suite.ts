import assert from 'node:assert/strict';
import { join } from 'node:path';
import { EbpfDirector } from '../ebpf/ebpf-director.ts';
import { loadedPrograms, programsText } from '../ebpf/loaded-program.ts';
import { CHECKOUT } from '../lab/cache.ts';
import type { Lab } from '../lab/lab-tests.ts';

const NAMESPACE = 'loading';
/** What the kernel takes at most (BPF_COMPLEXITY_LIMIT_INSNS of linux/bpf_verifier.h). */
const MOST_INSTRUCTIONS = 1_000_000;
const LIMIT_MS = 240_000;
/** Tries `vipr up` in a mount namespace of its own, after a command that takes something away. */
const LACKS = [
  {
    what: 'libbpf',
    take: 'mount --bind /dev/null "$(ldconfig -p | grep -o "/.*/libbpf.so.1$" | head -n 1)"',
    told: /libbpf\.so\.1.*\n.*libbpf/,
  },
  {
    what: "the kernel's types",
    take: 'mount -t tmpfs none /sys/kernel/btf',
    told: /no \/sys\/kernel\/btf\/vmlinux/,
  },
  {
    what: 'capabilities',
    take: ':',
    run: 'setpriv --bounding-set -bpf,-perfmon,-net_admin,-sys_admin --inh-caps -bpf,-perfmon,-net_admin,-sys_admin',
    told: /lacks CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON.*\n.*Run as root/,
  },
] as const;

/** vipr's data plane on the guest's kernel: loaded, attached, taken away again, refused by name. */
export function ebpfLoadSuite(lab: Lab): void {
  lab.describe('the eBPF engine', () => {
    // In a part the agreement suite alone loads them.
    if (lab.extent === 'whole')
      lab.it(
        `its programs are verified and attached by ${hookOf(lab)}, and vipr down leaves nothing`,
        async (machine, t) => {
          await machine.expect(`
          ip netns add ${NAMESPACE}
          ip -n ${NAMESPACE} link add one type veth peer name other
          ip -n ${NAMESPACE} link set one up
          ip -n ${NAMESPACE} link set other up`);
          const started = performance.now();
          const director = await EbpfDirector.up(machine, {
            namespace: NAMESPACE,
            settings: 'connections: 4096\nservices: 64\ndestinations: 64',
          });
          const seconds = (performance.now() - started) / 1000;
          const status = await director.vipr('status');
          for (const name of ['one', 'other'])
            assert.match(status, new RegExp(`^interface ${name}: tc \\(${hookOf(lab)}\\)`, 'm'));
          const programs = await loadedPrograms(machine, NAMESPACE);
          t.diagnostic(`vipr up took ${seconds.toFixed(1)} s; ${programsText(programs)}`);
          for (const name of ['vipr_ingress', 'vipr_egress', 'vipr_sweep4', 'vipr_sweep6'])
            assert.ok(
              programs.some((program) => program.name === name),
              name,
            );
          for (const { name, verifiedInstructions, jitedLength } of programs) {
            assert.ok(verifiedInstructions > 0 && verifiedInstructions < MOST_INSTRUCTIONS, name);
            assert.ok(jitedLength > 0, name);
          }
          const said = await director.down();
          for (const name of ['one', 'other'])
            assert.match(said, new RegExp(`^programs taken off ${name}: .*ingress`, 'm'));
          assert.deepEqual(await loadedPrograms(machine, NAMESPACE), []);
          // The clsact discipline stays, as others may use it.
          const filters = await machine.expect(
            `for way in ingress egress; do ip netns exec ${NAMESPACE} tc filter show dev one $way 2>/dev/null || true; done`,
          );
          assert.equal(filters, '');
        },
        LIMIT_MS,
      );

    for (const lack of LACKS) {
      lab.it(`names what is missing: ${lack.what}`, async (machine) => {
        const vipr = `${'run' in lack ? lack.run : ''} ${join(CHECKOUT, 'bin/vipr')} up --engine ebpf --socket /tmp/lacking.sock`;
        const { exitCode, stderr } = await machine.run(
          `unshare --mount sh -c '${lack.take} && exec ${vipr}'`,
        );
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, lack.told);
      });
    }
  });
}

function hookOf({ line }: Lab): string {
  return line === '6.1' ? 'clsact' : 'tcx';
}
