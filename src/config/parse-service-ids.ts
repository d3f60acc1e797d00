import { addressBytes, addressFromBytes } from '../model/address.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import type { ServiceId } from '../model/service.ts';
import { asFirewallMark } from '../model/unit.ts';

/** Most services that one text can stand for. */
export const MOST_SERVICES = 4096;

/**
 * The services of a text: that of `parseServiceKey`, or those of a range of addresses or marks, `tcp 192.0.2.10-19:80` (last byte),
 * `tcp [2001:db8::10-1f]:80` (last group) or `fwmark 1-4 inet6`, in their order. Undefined for everything else.
 */
export function parseServiceIds(text: string): readonly ServiceId[] | undefined {
  const single = parseServiceKey(text);
  if (single !== undefined) return [single];
  const [, before = '', last = '', after = ''] = RANGE.exec(text) ?? [];
  const first = parseServiceKey(before + after);
  if (first?.kind === 'fwmark') {
    const good = /^\d{1,10}$/.test(last) && asFirewallMark(Number(last)) !== undefined;
    return numbersUpTo(first.fwmark, Number(last), good)?.flatMap(
      (mark) => parseServiceKey(`fwmark ${mark}${after}`) ?? [],
    );
  }
  if (first === undefined) return undefined;
  const bytes = addressBytes(first.address);
  if (bytes.length === 4) {
    const good = /^\d{1,3}$/.test(last) && Number(last) <= 255;
    return numbersUpTo(bytes[3] ?? 0, Number(last), good)?.map((byte) => {
      bytes[3] = byte;
      return { ...first, address: addressFromBytes(bytes) };
    });
  }
  const start = ((bytes[14] ?? 0) << 8) | (bytes[15] ?? 0);
  return numbersUpTo(start, Number.parseInt(last, 16), /^[0-9a-f]{1,4}$/i.test(last))?.map((group) => {
    bytes.set([group >> 8, group & 255], 14);
    return { ...first, address: addressFromBytes(bytes) };
  });
}

const RANGE = /^((?:tcp|udp|sctp) [0-9a-f.:[]+|fwmark \d+)-([0-9a-f]+)(\]?:\d+| inet6?|)$/i;

function numbersUpTo(first: number, last: number, good: boolean): number[] | undefined {
  if (!good || last < first || last - first >= MOST_SERVICES) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
