import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EbpfLab } from '../../../test/netns/ebpf/fixture/ebpf-lab.ts';
import { CLIENT_ADDRESSES, serverAddress } from '../../../test/netns/lab/address.ts';

/** What stands between client and server. */
export interface Contestant {
  readonly name: string;
  /** Where the client finds HTTP and iperf3 while it is started. */
  readonly address: string;
  /** The client's address, which decides whether replies pass the director. */
  readonly from: string;
  /** Returns how to end it. */
  start(ebpf: EbpfLab): Promise<() => Promise<unknown>>;
}

export const HTTP_PORT = 80;
export const BULK_PORT = 5201;
const PORTS = [HTTP_PORT, BULK_PORT] as const;
const SERVER = serverAddress('inet', 1);
const VIP = '192.0.2.10';
const { throughDirector, pastDirector } = CLIENT_ADDRESSES.inet;

const plain: Contestant = {
  name: 'plain routing',
  address: SERVER,
  from: throughDirector,
  start: async () => async () => {},
};

const nftables: Contestant = {
  name: 'nftables DNAT',
  address: VIP,
  from: throughDirector,
  async start({ lab: { director } }) {
    const rules = PORTS.map((port) => `ip daddr ${VIP} tcp dport ${port} dnat to ${SERVER}:${port}`);
    const chain = ['type nat hook prerouting priority dstnat', ...rules].join('\n');
    const input = `table ip bench {\nchain prerouting {\n${chain}\n}\n}\n`;
    await director.output(['nft', '-f', '-'], { input });
    return () => director.output(['nft', 'delete', 'table', 'ip', 'bench']);
  },
};

const haproxy: Contestant = {
  name: 'HAProxy, TCP mode',
  address: VIP,
  from: throughDirector,
  async start({ lab }) {
    const file = join(lab.directory, 'haproxy.cfg');
    const listeners = PORTS.map(
      (port) => `listen port${port}\n  bind ${VIP}:${port} backlog 4096\n  server one ${SERVER}:${port}\n`,
    );
    writeFileSync(
      file,
      `global\n  nbthread 2\n  maxconn 4000\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n${listeners.join('')}`,
    );
    const program = await lab.director.startServer(['haproxy', '-q', '-db', '-f', file], 'tcp', PORTS);
    return () => program.stop();
  },
};

const viprNat = vipr('vipr, tc: NAT', '-m', throughDirector);
const viprDirect = vipr('vipr, tc: direct routing', '-g', pastDirector);

export const contestants: readonly Contestant[] = [plain, nftables, haproxy, viprNat, viprDirect];

function vipr(name: string, method: string, from: string): Contestant {
  return {
    name,
    address: VIP,
    from,
    async start(ebpf) {
      await ebpf.up();
      await ebpf.restore(
        PORTS.flatMap((port) => [
          `-A -t ${VIP}:${port} -s rr`,
          `-a -t ${VIP}:${port} -r ${SERVER}:${port} ${method}`,
        ]),
      );
      return async () => {
        await ebpf.director.stop();
        await ebpf.down();
      };
    },
  };
}
