import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { CALLER } from './network.ts';

const DIRECTORY = '/tmp/download';
const LIMIT_MS = 120_000;

/** A download of /large from a VIP, which comes slowly until it is let go. One at a time. */
export class PausedDownload {
  readonly #machine: VirtualMachine;

  private constructor(machine: VirtualMachine) {
    this.#machine = machine;
  }

  static async start(machine: VirtualMachine, address: string): Promise<PausedDownload> {
    await machine.expect(`rm -rf ${DIRECTORY}; mkdir ${DIRECTORY}; cd ${DIRECTORY}
      cat >download <<'END'
        set -o pipefail
        curl --silent --show-error http://${address}/large |
          { until [ -e go ]; do head -c 20000; sleep 0.3; done; cat; } | sha256sum >sum.part
        mv sum.part sum
END
      ip netns exec ${CALLER} setsid bash download >said 2>&1 </dev/null &
      echo $! >pid`);
    return new PausedDownload(machine);
  }

  /** Lets the rest of it come. Throws where what came is not the file. */
  async finish(): Promise<void> {
    await this.#machine.expect(
      `cd ${DIRECTORY}
      [ -e sum ] && { echo 'it was over before' >&2; exit 1; }
      touch go
      while [ ! -e sum ]; do kill -0 $(cat pid) || break; sleep 0.2; done
      cat said >&2
      [ "$(cat sum)" = "$(sha256sum </tmp/large)" ]`,
      LIMIT_MS,
    );
  }
}
