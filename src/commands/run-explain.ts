import type { Explanation } from '../api/operated-director.ts';
import { familyOf } from '../model/address.ts';
import { ViprError } from '../model/error.ts';
import { hostPort, type Protocol, type ServiceId, serviceFamily } from '../model/service.ts';
import { readHost } from './host-words.ts';
import { readServiceAlone } from './service-words.ts';
import { textTable } from './text-table.ts';

/** Reads what `vipr explain` is asked. Throws USAGE. */
export function readExplainWords(
  clientText: string,
  words: readonly string[],
  { udp, sctp, service: option }: { readonly udp?: true; readonly sctp?: true; readonly service?: string },
): { readonly client: Explanation['client']; readonly service: ServiceId } {
  const client = readHost(clientText, 'address of a client');
  if (words.length > 0 === (option !== undefined)) {
    throw new ViprError('USAGE', words.length > 0 ? 'The service is named twice.' : 'No service is named.', {
      hint: 'Name it after the client, such as 192.0.2.10:80 or fwmark 3, or by --service.',
    });
  }
  const protocol: Protocol = udp ? 'udp' : sctp ? 'sctp' : 'tcp';
  const family = familyOf(client.address);
  const named = option === undefined ? words : [option];
  const service = readServiceAlone(withFamily(named, family), protocol);
  if ((udp || sctp) && (service.kind === 'fwmark' || service.protocol !== protocol)) {
    throw new ViprError('USAGE', `--${protocol} contradicts ${named.join(' ')}.`, {
      hint: 'Leave one of them out.',
    });
  }
  if (serviceFamily(service) !== family) {
    throw new ViprError('USAGE', 'The client and the service are of different address families.', {
      hint: 'Give an IPv4 client for an IPv4 service, and an IPv6 client for an IPv6 one.',
    });
  }
  return { client, service };
}

/** A firewall mark without a family is of the client's. */
function withFamily(words: readonly string[], family: 'inet' | 'inet6'): readonly string[] {
  const split = words.flatMap((word) => word.trim().split(/\s+/));
  return split[0] === 'fwmark' && split.length === 2 ? [...split, family] : words;
}

export function explainJson(answer: Explanation): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}

export function formatExplanation(answer: Explanation): string {
  const { client, service, reasons, candidates } = answer;
  const from = client.port === undefined ? client.address : hostPort(client.address, client.port);
  const rows = candidates.map((each) => [
    each.destination === answer.destination ? '->' : '',
    each.destination,
    String(each.weight),
    String(each.activeConnections),
    String(each.inactiveConnections),
    each.eligible ? 'yes' : 'no',
    each.why,
  ]);
  const table = textTable(
    [['', 'destination', 'weight', 'active', 'inactive', 'takes', 'why'], ...rows],
    [2, 3, 4],
  );
  const lines = [
    `${from} to ${service}: ${conclusion(answer)}`,
    ...reasons.map((reason) => `- ${reason}`),
    ...(rows.length === 0 ? ['no destinations'] : table),
  ];
  return `${lines.join('\n')}\n`;
}

function conclusion({ by, destination, certain }: Explanation): string {
  switch (by) {
    case 'connection':
      return `${destination}, by its connection`;
    case 'template':
      return `${destination}, by persistence`;
    case 'scheduler':
      return `${certain ? '' : 'likely '}${destination}, by the scheduler`;
    case 'none':
      return 'no destination takes it';
    default:
      throw new Error(`unknown way to choose ${by satisfies never}`);
  }
}
