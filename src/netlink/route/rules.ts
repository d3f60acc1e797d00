import { NLM_F_CREATE, NLM_F_EXCL } from '../message.ts';
import type { NetlinkConnection } from '../netlink-connection.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import { noneWhen } from './none-when.ts';
import { type IpFamily, RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from './route-message.ts';
import { decodeRule, type Rule, type RuleSettings, writeRule, writeRuleQuery } from './rule.ts';

/** The rules by which the kernel chooses routing tables. */
export class Rules {
  readonly #connection: NetlinkConnection;

  constructor(connection: NetlinkConnection) {
    this.#connection = connection;
  }

  /** None where the kernel has no policy routing. */
  async list(family: IpFamily): Promise<Rule[]> {
    const body = (writer: NetlinkWriter) => writeRuleQuery(writer, family);
    const request = { name: 'RTM_GETRULE', type: RTM_GETRULE, body };
    return this.#connection.list(request, decodeRule).catch(noneWhen('EOPNOTSUPP'));
  }

  /** Rejects with EEXIST where there is such a rule. */
  async add(settings: RuleSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeRule(writer, settings);
    const flags = NLM_F_CREATE | NLM_F_EXCL;
    await this.#connection.request({ name: 'RTM_NEWRULE', type: RTM_NEWRULE, flags, body });
  }

  /** Rejects with ENOENT where there is none. */
  async delete(settings: RuleSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeRule(writer, settings);
    await this.#connection.request({ name: 'RTM_DELRULE', type: RTM_DELRULE, body });
  }
}
