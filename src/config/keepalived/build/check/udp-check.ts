import type { ProblemLog } from '../../problem-log.ts';
import { endOf, type Statement } from '../../statement.ts';
import { number, present, shown } from '../../value.ts';
import { COMMON_DEFAULTS, checkTiming } from '../check-timing.ts';
import type { CheckBuilder } from './check-context.ts';
import { checkEndpoint } from './check-endpoint.ts';

const LONGEST = 65_535;
/** keepalived's check_udp.c, udp_check_handler. */
const DEFAULT_LONGEST_REPLY = 255;

/** UDP_CHECK. */
export const udpCheck: CheckBuilder = (statement, settings, context) => {
  const { log } = context;
  const reply = settings.last('require_reply');
  const least = number(settings.last('min_reply_length'), 0, LONGEST, log) ?? 0;
  const most = number(settings.last('max_reply_length'), 0, LONGEST, log) ?? DEFAULT_LONGEST_REPLY;
  if (least > most) {
    log.error(statement.keyword.place, `no reply can have at least ${least} and at most ${most} bytes`);
  }
  const [expected] = reply?.values ?? [];
  if (expected !== undefined && reply !== undefined) {
    hexBytes(reply, /^[0-9a-fx\s]*$/i, log);
    log.warn(expected.place, 'what the reply holds is not compared, only its length');
  }
  return [
    {
      probe: {
        kind: 'udp',
        payload: payload(settings.last('payload'), log),
        requireReply: reply !== undefined && (reply.values.length > 0 || present(reply, log)),
        minReplyLength: least,
        maxReplyLength: most,
      },
      endpoint: checkEndpoint(settings, context.server, log),
      timing: checkTiming(settings, context.timing, COMMON_DEFAULTS, context),
    },
  ];
};

/** Without a payload the datagram is empty; keepalived sends what chance brings. */
function payload(statement: Statement | undefined, log: ProblemLog): Uint8Array {
  if (statement === undefined) return new Uint8Array();
  if (statement.values.length === 0) log.error(endOf(statement), 'payload misses its bytes');
  return hexBytes(statement, /^[0-9a-f\s]*$/i, log);
}

/** Hexadecimal digits, two a byte, and one where a blank follows: `Ab12f 3` is AB 12 0F 03 (keepalived's lib/parser.c, read_hex_str). */
function hexBytes({ values }: Statement, form: RegExp, log: ProblemLog): Uint8Array {
  const wrong = values.find(({ text }) => !form.test(text));
  if (wrong !== undefined) {
    log.error(wrong, `must be bytes in hexadecimal digits, not ${shown(wrong.text)}`);
    return new Uint8Array();
  }
  const digits =
    values
      .map(({ text }) => text)
      .join(' ')
      .match(/[0-9a-fx]{1,2}/gi) ?? [];
  return Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
}
