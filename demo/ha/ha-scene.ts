import { startEchoServer } from '../../test/netns/failover/load/echo-server.ts';
import type { LoadTarget } from '../../test/netns/failover/load/load-target.ts';
import { CLIENT_ADDRESSES, VIRTUAL_PREFIXES } from '../../test/netns/lab/address.ts';
import { Lab } from '../../test/netns/lab/lab.ts';
import { type LargeFile, makeLargeFile } from '../../test/netns/peer/large-file.ts';
import { Promises } from '../promises.ts';
import { OWNER } from '../stage/stage.ts';
import { GATEWAY, PORTS, VIRTUAL_ADDRESS } from './configuration.ts';
import { Director } from './director.ts';
import { startFileServer } from './process/start-file-server.ts';

/** Of 1024 x 1024 bytes: 100 MB. */
const MEGABYTES = 95;

/** Two directors, three servers and a client, each a network namespace. */
export class HaScene {
  readonly lab: Lab;
  readonly file: LargeFile;
  /** Of higher priority. */
  readonly lvs1: Director;
  readonly lvs2: Director;
  readonly promises = new Promises();

  private constructor(lab: Lab, file: LargeFile) {
    this.lab = lab;
    this.file = file;
    this.lvs1 = new Director(lab, 'lvs1', 150);
    this.lvs2 = new Director(lab, 'lvs2', 100);
  }

  /** Servers serve, and directors do not run yet. Rejects, with nothing left behind, where a step fails. */
  static async open(): Promise<HaScene> {
    const lab = await Lab.open({ owner: OWNER, directors: 2, servers: 3 });
    try {
      const file = await makeLargeFile(lab, MEGABYTES);
      const from = CLIENT_ADDRESSES.inet.throughDirector;
      await lab.client.shell(`ip route add ${VIRTUAL_ADDRESS} dev eth0 src ${from}`);
      // VIPs are those of the master alone.
      for (const name of ['lvs1', 'lvs2'])
        await lab.host(name).shell(`ip route del local ${VIRTUAL_PREFIXES.inet} dev lo`);
      for (const server of lab.servers) {
        await server.shell(`ip route replace default via ${GATEWAY}`);
        await startFileServer(server, PORTS.file, file);
        await startEchoServer(server, PORTS.echo);
      }
      return new HaScene(lab, file);
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** Where connections that stay, and new ones, go. */
  get target(): LoadTarget {
    const from = CLIENT_ADDRESSES.inet.throughDirector;
    return { name: 'service', address: VIRTUAL_ADDRESS, port: PORTS.echo, from };
  }

  async close(): Promise<void> {
    await Promise.all([this.lvs1, this.lvs2].map(({ client }) => client.close()));
    await this.lab.close();
  }
}
