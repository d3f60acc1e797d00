import { parseIpAddress } from '../model/address.ts';
import { asPort } from '../model/unit.ts';
import { field } from './field-doc.ts';
import { brandedNumber, choice, mapping, string, wholeNumber } from './schema-part.ts';
import { interfaceName } from './vrrp-address-schema.ts';
import { name } from './vrrp-track-schema.ts';

/** The section `sync` of vipr.yaml: the limits are those of ip_vs_ctl.c, ip_vs_genl_new_daemon. */

const MULTICAST = 'a multicast address, such as 224.0.0.81 or "ff02::81"';
/** What fits into a datagram: 65535 less the headers of IP and UDP. */
const LONGEST = 65_507;

export const syncDaemon = mapping({
  role: field(
    choice(['master', 'backup']).optional(),
    '`master`, which sends what this director balances, or `backup`, which receives it; a file may have one of each',
    'role: master',
    'that of `follow`',
  ),
  follow: field(
    name().optional(),
    'the name of a [VRRP instance](#instances): a master while that is master, and else a backup',
    'follow: web',
    'the fixed `role`',
  ),
  interface: field(interfaceName(), 'the interface that datagrams leave or come by', 'interface: eth1'),
  id: field(
    wholeNumber(0, 255).optional(),
    '0 to 255: the synchronisation ID, by which groups of directors on one network are told apart',
    'id: 7',
    "0; with `follow` the instance's",
  ),
  group: field(
    string(MULTICAST, (value) => {
      const address = parseIpAddress(value);
      return address !== undefined && /^(?:22[4-9]|23\d)\.|^ff/.test(address) ? address : undefined;
    }).optional(),
    'the multicast address of the datagrams',
    'group: 224.0.0.82',
    '224.0.0.81',
  ),
  port: field(
    brandedNumber(1, 65_535, asPort, 'a port').optional(),
    '1 to 65535: the UDP port of the datagrams',
    'port: 8849',
    '8848',
  ),
  ttl: field(
    wholeNumber(1, 255).optional(),
    '1 to 255: how many routers forward them, and one more',
    'ttl: 2',
    '1',
  ),
  'max-length': field(
    wholeNumber(1, LONGEST).optional(),
    '1 to 65507: bytes of a datagram at most',
    'max-length: 1400',
    "1472, with an IPv6 group 1452; of a backup what the interface's MTU takes, if that is more",
  ),
});
