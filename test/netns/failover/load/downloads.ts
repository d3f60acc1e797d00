import { endpoint } from '../../ebpf/fixture/listing.ts';
import { curlSha256 } from '../../peer/curl.ts';
import type { FailoverLab } from '../fixture/failover-lab.ts';
import { PORTS, TARGETS } from '../fixture/target.ts';

const LIMIT_SECONDS = 120;

/** A download from each VIP, of the lab's file. */
export class Downloads {
  readonly #broken: Promise<readonly string[]>;

  /** `rate` as curl has it: of each. */
  constructor({ lab, file }: FailoverLab, rate: string) {
    this.#broken = Promise.all(
      TARGETS.map(async ({ name, virtualAddress, from }) => {
        const options = { from, limitSeconds: LIMIT_SECONDS, words: ['--limit-rate', rate] };
        const url = `http://${endpoint(virtualAddress, PORTS.http)}/large`;
        const found = await curlSha256(lab.client, url, options).catch(String);
        return found === file.sha256 ? [] : [`${name}: ${found}`];
      }),
    ).then((all) => all.flat());
  }

  /** Waits for their ends: those that broke off, or had other bytes. */
  broken(): Promise<readonly string[]> {
    return this.#broken;
  }
}
