import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { CALLER } from './network.ts';

/** A connection of the caller to a service of HTTP or, for UDP, of one line. */
export interface HeldTarget {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
}

const DIRECTORY = '/tmp/held';
const ANSWER_LIMIT_SECONDS = 60;
/** Holds one connection: every line of the pipe is a request, and of the output an answer. */
const HOLD = `
ask=$1/ask
exec 4<>$ask
exec 3<>"/dev/$2/$3/$4" || exit
: >$1/ready
while read -r line <&4; do
  if [ $2 = udp ]; then
    echo >&3
    # read takes single bytes, and of a datagram the first alone.
    answer=$(timeout ${ANSWER_LIMIT_SECONDS / 2} head -n 1 <&3) || answer=nothing
  else
    printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3
    answer=closed
    while read -r word rest <&3; do case $word in web*) answer="$word $rest"; break;; esac; done
  fi
  echo "$answer"
done`;

let count = 0;

/** Connections that stay open between scripts, over which requests go at any time. */
export class HeldConnections {
  readonly #machine: VirtualMachine;
  readonly #directories: readonly string[];
  #asked = 0;
  /** Who answers, by the order of the targets, and the address of the client that it sees. */
  servers: readonly string[] = [];

  private constructor(machine: VirtualMachine, directories: readonly string[]) {
    this.#machine = machine;
    this.#directories = directories;
  }

  /** Resolves when each was answered once. */
  static async open(machine: VirtualMachine, targets: readonly HeldTarget[]): Promise<HeldConnections> {
    const directories = targets.map(() => `${DIRECTORY}/${++count}`);
    const starts = targets.map(({ protocol, address }, index) => {
      const directory = directories[index] ?? '';
      const words = `${directory} ${protocol} ${address} ${protocol === 'tcp' ? 80 : 53}`;
      return `mkdir -p ${directory}; mkfifo ${directory}/ask
      ip netns exec ${CALLER} setsid bash ${DIRECTORY}/hold ${words} >${directory}/said 2>&1 </dev/null &
      echo $! >${directory}/pid`;
    });
    await machine.expect(
      `mkdir -p ${DIRECTORY}
    cat >${DIRECTORY}/hold <<'END'
${HOLD}
END
    ${starts.join('\n')}
    for d in ${directories.join(' ')}; do
      for i in $(seq ${5 * ANSWER_LIMIT_SECONDS}); do [ -e $d/ready ] && break; sleep 0.2; done
      [ -e $d/ready ] || { cat $d/said; exit 1; } >&2
    done`,
      2 * ANSWER_LIMIT_SECONDS * 1000,
    );
    const held = new HeldConnections(machine, directories);
    held.servers = await held.ask();
    return held;
  }

  /** Sends a request over each; resolves to the answers. Rejects where one of them has none. */
  async ask(): Promise<readonly string[]> {
    const all = this.#directories.join(' ');
    const output = await this.#machine.expect(
      `for d in ${all}; do echo 1<>$d/ask; done
      for d in ${all}; do
        for i in $(seq ${2 * ANSWER_LIMIT_SECONDS}); do [ "$(wc -l <$d/said)" -gt ${this.#asked} ] && break; sleep 0.5; done
        [ "$(wc -l <$d/said)" -gt ${this.#asked} ] || { echo "no answer in $d"; cat $d/said; exit 1; } >&2
        tail -n 1 $d/said
      done`,
      2 * ANSWER_LIMIT_SECONDS * 1000,
    );
    this.#asked += 1;
    return output.trimEnd().split('\n');
  }

  async close(): Promise<void> {
    await this.#machine.expect(
      `cd ${DIRECTORY}; for d in ${this.#directories.join(' ')}; do kill $(cat $d/pid); rm -r $d; done`,
    );
  }
}
