import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VirtualMachine } from '../../../test/vm/lab/virtual-machine.ts';
import { compileObject } from '../compile-object.ts';
import type { Attachment } from '../forward/attach-process.ts';
import type { Flood } from '../forward/flood-process.ts';
import { guestScript } from './guest-script.ts';

/** Where the flood goes, and where its packets have to arrive, as numbers in network order. */
export interface GuestTarget {
  readonly destination: number;
  readonly port: number;
  readonly arrivesAt: { readonly destination: number; readonly port: number };
}

export const DIRECTOR = 'lvs';
const [SENDER, SINK] = ['sender', 'sink'];
const MACS = {
  out: '02:00:00:00:01:02',
  front: '02:00:00:00:01:01',
  lan: '02:00:00:00:02:01',
  in: '02:00:00:00:02:11',
};
const BPF = '/run/bench-bpf';
const OBJECT = 'forward.o';
const FIRST_CLIENT = 0x0a01_4000;
const FLOWS = 1024;
const WARM_UP_SECONDS = 1;
const SECONDS = 5;
const LIMIT_MS = 120_000;

/**
 * Packets through a director in the guest, from a sender without sockets to a counter that drops them:
 *
 *     sender out --- front 10.1.0.1  lvs  lan 10.2.0.1 --- in sink, with the MAC address of the server 10.2.0.11
 */
export class GuestFlood {
  readonly #machine: VirtualMachine;
  readonly #attach: string;
  readonly #flood: string;

  private constructor(machine: VirtualMachine, attach: string, flood: string) {
    this.#machine = machine;
    this.#attach = attach;
    this.#flood = flood;
  }

  static async prepare(machine: VirtualMachine): Promise<GuestFlood> {
    writeFileSync(join(machine.share, OBJECT), compileObject('forward'));
    const prepared = new GuestFlood(
      machine,
      await guestScript('attach-process'),
      await guestScript('flood-process'),
    );
    await machine.expect(NETWORK);
    await prepared.#count({ destination: 0, port: 0 });
    return prepared;
  }

  /** Packets for each second of the processor that forwards; throws where some arrive otherwise than they should. */
  async measure({ destination, port, arrivesAt }: GuestTarget): Promise<number> {
    await this.#count(arrivesAt);
    const flood = (seconds: number): string => {
      const wanted: Flood = {
        object: `/run/share/${OBJECT}`,
        device: 'out',
        seconds,
        macs: { source: octets(MACS.out), destination: octets(MACS.front) },
        constants: { destination, destination_port: port, first_client: FIRST_CLIENT, flow_mask: FLOWS - 1 },
      };
      return `ip netns exec ${SENDER} ${process.execPath} ${this.#flood} '${JSON.stringify(wanted)}'`;
    };
    const look = `bpftool --json map dump pinned ${BPF}/counts; cut -d ' ' -f 1 /proc/$thread/schedstat`;
    const output = await this.#machine.expect(
      `set -e; thread=$(pgrep napi/front); ${flood(WARM_UP_SECONDS)}; ${look}; ${flood(SECONDS)}; ${look}`,
      LIMIT_MS,
    );
    const [before, start, after, end] = output.trim().split('\n');
    const [first, last] = [countsOf(before), countsOf(after)];
    assert.equal(last.wrong, 0, 'packets that arrived otherwise than they should');
    assert.notEqual(last.checked, 0, 'no packet arrived');
    return (last.right - first.right) / ((Number(end) - Number(start)) / 1e9);
  }

  /** A counter at the sink, in place of the one before. */
  async #count({ destination, port }: GuestTarget['arrivesAt']): Promise<void> {
    const attachment: Attachment = {
      object: `/run/share/${OBJECT}`,
      program: 'count',
      constants: { expected_destination: destination, expected_port: port },
      device: 'in',
      linkPin: `${BPF}/link`,
      countsPin: `${BPF}/counts`,
    };
    const command = `${process.execPath} ${this.#attach} '${JSON.stringify(attachment)}'`;
    await this.#machine.expect(`rm -f ${BPF}/*; ip netns exec ${SINK} ${command}`, LIMIT_MS);
  }
}

/** `struct counts` of bpf/forward.bpf.c: eight bytes a field, of one processor. */
function countsOf(json: string | undefined): { right: number; wrong: number; checked: number } {
  const [entry] = JSON.parse(json ?? '[]') as readonly {
    formatted: { values: readonly { value: Counts }[] };
  }[];
  const [counts] = entry?.formatted.values ?? [];
  assert.ok(counts, `bpftool printed ${json}`);
  return counts.value;
}

interface Counts {
  readonly right: number;
  readonly wrong: number;
  readonly checked: number;
}

function octets(mac: string): readonly number[] {
  return mac.split(':').map((octet) => Number.parseInt(octet, 16));
}

const NETWORK = `set -e
  for n in ${SENDER} ${DIRECTOR} ${SINK}; do ip netns add $n; ip -n $n link set lo up; done
  ip link add out netns ${SENDER} address ${MACS.out} type veth peer front netns ${DIRECTOR} address ${MACS.front}
  ip link add lan netns ${DIRECTOR} address ${MACS.lan} type veth peer in netns ${SINK} address ${MACS.in}
  for d in '${SENDER} out' '${DIRECTOR} front' '${DIRECTOR} lan' '${SINK} in'; do ip netns exec \${d% *} ethtool -K \${d#* } gro on; done
  ip -n ${SENDER} link set out up
  ip -n ${SINK} link set in up
  ip -n ${DIRECTOR} -batch - <<'END'
addr add 10.1.0.1/16 dev front
addr add 10.2.0.1/24 dev lan
link set front up
link set lan up
neigh replace 10.2.0.11 lladdr ${MACS.in} nud permanent dev lan
route add local 192.0.2.0/24 dev lo
END
  ip netns exec ${DIRECTOR} sh -e <<'END'
echo 1 >/proc/sys/net/ipv4/ip_forward
for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done
echo 1 >/sys/class/net/front/threaded
END
  mkdir -p ${BPF}
  mount -t bpf bpf ${BPF}
  pgrep napi/front`;
