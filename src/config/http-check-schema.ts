import { z } from 'zod';
import { field } from './field-doc.ts';
import { parsed } from './parsed.ts';
import { choice, flag, line, mapping, string, text, wholeNumber } from './schema-part.ts';

/** What `type: http` asks, and what makes an answer good. */

const STATUS = 'codes from 100 to 999 such as 404, "200-299" or "200-299, 404", or a list of such';
const code = z.union([z.string(), z.number()], { error: `must be ${STATUS}` });
const status = parsed(
  z.union([code, z.array(code, { error: `must be ${STATUS}` })], { error: `must be ${STATUS}` }),
  parseStatus,
  STATUS,
);

const offset = () => wholeNumber(0, 1_073_741_824);

export const bodyMapping = mapping({
  pattern: field(
    z
      .string({ error: 'must be a regular expression' })
      .max(65_536, { error: 'must have at most 65536 characters' }),
    'a [regular expression](https://developer.mozilla.org/docs/Web/JavaScript/Guide/Regular_expressions) of JavaScript',
    'pattern: status.*ok',
  ),
  flags: field(
    z
      .string({ error: 'must be some of the letters i, m, s, u and v' })
      .regex(/^(?!.*(.).*\1)(?!.*u.*v|.*v.*u)[imsuv]*$/, {
        error: 'must be some of the letters i, m, s, u and v, each once, and not both of u and v',
      })
      .default(''),
    'some of the letters `i`, `m`, `s`, `u` and `v`: flags of the regular expression',
    'flags: i',
  ),
  absent: field(
    flag().default(false),
    '`true` or `false`: whether the answer is good where the pattern is not found',
    'absent: true',
  ),
  'min-offset': field(
    offset().optional(),
    '0 to 1073741824: bytes of the body that are skipped before the search',
    'min-offset: 10',
    'none',
  ),
  'max-offset': field(
    offset().optional(),
    '0 to 1073741824: bytes of the body up to which a match may start',
    'max-offset: 1000',
    'none',
  ),
});

const BODY = 'a regular expression, or a mapping with pattern, flags, absent, min-offset and max-offset';
const body = z
  .union([z.string().max(65_536, { error: 'must have at most 65536 characters' }), bodyMapping], {
    error: `must be ${BODY}`,
  })
  .transform((given, context) => {
    const { pattern, flags, ...rest } =
      typeof given === 'string' ? { pattern: given, flags: '', absent: false } : given;
    try {
      return { ...rest, pattern: new RegExp(pattern, flags) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.addIssue({
        code: 'custom',
        message: `must be a regular expression (${message.replace(/\s+/g, ' ')})`,
      });
      return z.NEVER;
    }
  });

export const requestFields = {
  path: field(
    line('a path that begins with /, with its query', 8192)
      .regex(/^\/\S*$/, { error: 'must be a path that begins with / and has no blanks' })
      .default('/'),
    'a path with its query',
    'path: /health?full=1',
  ),
  method: field(choice(['GET', 'HEAD']).default('GET'), '`GET` or `HEAD`', 'method: HEAD'),
  'virtual-host': field(
    text('the name of a host', 255).optional(),
    'the `Host` header',
    'virtual-host: www.example.org',
    'the address',
  ),
  status: field(
    status.optional(),
    'good codes from 100 to 999: one, a range, several of them separated by commas, or a list',
    'status: 200-299, 404',
    '200-299',
  ),
  digest: field(
    string(
      'the hash of the whole body, md5: and 32 hexadecimal digits or sha256: and 64 of them',
      parseDigest,
    ).optional(),
    'what the whole body has to hash to, `md5:` or `sha256:` and hexadecimal digits',
    'digest: md5:d41d8cd98f00b204e9800998ecf8427e',
    'none',
  ),
  body: field(
    body.optional(),
    'a regular expression that has to be found in the body, or a mapping, see [body](#body)',
    'body: status.*ok',
    'none',
  ),
};

export const httpRequest = mapping(requestFields);

export const tlsMapping = mapping({
  'server-name': field(
    text('the name of a host', 255).optional(),
    'the name that is asked for (SNI), and that a verified certificate has to have',
    'server-name: www.example.org',
    "the check's `virtual-host`, else none: the certificate has to have the address",
  ),
  verify: field(
    flag().default(true),
    '`true` or `false`: whether the certificate has to be valid. keepalived never verifies',
    'verify: false',
  ),
  'certificate-authority': field(
    line('the name of a PEM file').optional(),
    'a PEM file with authorities to trust',
    'certificate-authority: /etc/vipr/ca.pem',
    "the system's",
  ),
});

const TLS = 'true or false, or a mapping with server-name, verify and certificate-authority';
export const tls = z
  .union([flag(), tlsMapping], { error: `must be ${TLS}` })
  .transform((given) => (given === true ? tlsMapping.parse({}) : given === false ? undefined : given));

type Range = readonly [number, number];

function parseStatus(given: string | number | readonly (string | number)[]): readonly Range[] | undefined {
  const parts = [given].flat().flatMap((part) => String(part).split(','));
  const ranges = parts.flatMap((part): Range[] => {
    const [, first, last = first] = /^\s*(\d{3})(?:-(\d{3}))?\s*$/.exec(part) ?? [];
    return first === undefined ? [] : [[Number(first), Number(last)]];
  });
  const good =
    ranges.length === parts.length && ranges.every(([first, last]) => first >= 100 && first <= last);
  return good ? ranges : undefined;
}

function parseDigest(text: string) {
  const [, algorithm, digits = ''] = /^(md5|sha256):([0-9a-f]+)$/i.exec(text) ?? [];
  const value = digits.toLowerCase();
  if (algorithm?.toLowerCase() === 'md5') {
    return value.length === 32 ? { algorithm: 'md5' as const, value } : undefined;
  }
  return value.length === 64 ? { algorithm: 'sha256' as const, value } : undefined;
}
