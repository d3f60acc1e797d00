import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Config } from '../config.ts';
import { formatConfig } from '../format-config.ts';
import { parseConfig } from '../parse-config.ts';
import { errorsOf, fakeEnvironment, parsed } from './fake-environment.ts';
import { allOf, fileWith } from './keyword/keyword-sample.ts';
import { ROOT_KEYWORDS } from './keyword/root-keywords.ts';
import { FILES, SAMPLE } from './sample-config.ts';

const environment = fakeEnvironment(FILES);

/** What is the same in every format. */
function comparable({ warnings, source, ...rest }: Config): Omit<Config, 'warnings' | 'source'> {
  return rest;
}

function assertSameAsYaml(text: string): void {
  const config = parsed(text, environment);
  const yaml = formatConfig(config);
  assert.deepEqual(comparable(parseConfig(yaml, 'vipr.yaml')), comparable(config), yaml);
}

describe('a keepalived.conf as a vipr.yaml says the same', () => {
  for (const keyword of allOf(ROOT_KEYWORDS)) {
    if (keyword.keyword.use === 'unsupported') continue;
    it(`with ${keyword.path.join(' > ')}`, () => assertSameAsYaml(fileWith(keyword)));
  }

  it('with most of what it can hold', () => assertSameAsYaml(SAMPLE));

  const server = (checker: string) =>
    `virtual_server 192.0.2.10 443 {\nprotocol TCP\nreal_server 10.0.0.1 443 {\n${checker}\n}\n}`;
  const special: readonly (readonly [what: string, text: string])[] = [
    ['no check and no script', server('')],
    ['a host but no server name', server('SSL_GET {\nurl {\npath /\nvirtualhost a.example\n}\n}')],
    [
      'server names of their own',
      server('SSL_GET {\nenable_sni\nurl {\npath /\nvirtualhost a\n}\nurl {\npath /b\nvirtualhost b\n}\n}'),
    ],
    [
      'a pattern with everything that YAML could mistake',
      server('HTTP_GET {\nurl {\npath "/?a=1&b=:"\nregex "\\"x\\": \\\\{ \'y\' \\\\d+ \\n \\t[#!]$"\n}\n}'),
    ],
    ['a script with blanks and quotes', server("notify_up \"/bin/n 'a b' \\\"c\\\" '\\\\n' ''\"")],
    ['a payload of any bytes', server('UDP_CHECK {\npayload 00 ff 0a 22 5c\n}')],
    ['a name of the root', server('DNS_CHECK {\n}')],
    ['fractions of seconds', server('TCP_CHECK {\ndelay_loop 0.25\nconnect_timeout 1.5\nwarmup 0.001\n}')],
    [
      'IPv6',
      'virtual_server 2001:db8::10 53 {\nprotocol UDP\nops\nsorry_server 2001:db8::9 53\nreal_server 2001:db8::1 53 {\nDNS_CHECK {\nbindto 2001:db8::2\n}\n}\n}',
    ],
  ];
  for (const [what, text] of special) it(`with ${what}`, () => assertSameAsYaml(text));

  it('with any lines that are good', () => {
    const lines = SAMPLE.split('\n');
    let good = 0;
    fc.assert(
      fc.property(fc.subarray(lines), (some) => {
        const text = some.join('\n');
        if (errorsOf(text, environment).length > 0) return;
        good += 1;
        assertSameAsYaml(text);
      }),
      { numRuns: 1000 },
    );
    assert.ok(good > 0);
  });

  it('with values from the whole of their ranges', () => {
    const seconds = fc.integer({ min: 1, max: 2_147_483_000 }).map((value) => value / 1000);
    const setting = fc.oneof(
      fc.tuple(fc.constantFrom('delay_loop', 'delay_before_retry', 'warmup', 'connect_timeout'), seconds),
      fc.tuple(fc.constant('retry'), fc.integer({ min: 1, max: 1000 })),
      fc.tuple(fc.constant('quorum'), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
      fc.tuple(fc.constant('hysteresis'), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
      fc.tuple(fc.constant('weight'), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
      fc.tuple(fc.constant('persistence_timeout'), fc.integer({ min: 1, max: 86_400 * 31 })),
      fc.tuple(fc.constantFrom('alpha', 'omega', 'inhibit_on_failure', 'flag-1', 'flag-3'), fc.constant('')),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(setting, { selector: ([name]) => name }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (settings, threshold) => {
          const said = settings.map(([name, value]) => `${name} ${value}`).join('\n');
          assertSameAsYaml(
            `virtual_server 192.0.2.10 80 {\nprotocol TCP\n${said}\nreal_server 10.0.0.1 80 {\nuthreshold ${threshold}\nTCP_CHECK {\n}\n}\nreal_server 10.0.0.2 80 {\n}\n}`,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
