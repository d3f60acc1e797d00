/** A shared address moves from vipr to vipr, from vipr to keepalived and back, when its master's host is dead. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { FAMILIES } from '../lab/address.ts';
import type { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { keepalivedUnavailable } from '../vrrp/fixture/keepalived.ts';
import { measureTakeover, openRouterLab } from './peers/measure-takeover.ts';
import type { RouterKind, Sharing } from './peers/router.ts';

const skip = labUnavailable() ?? keepalivedUnavailable() ?? false;
const PAIRS: readonly (readonly [RouterKind, RouterKind])[] = [
  ['vipr', 'vipr'],
  ['vipr', 'keepalived'],
  ['keepalived', 'vipr'],
];
const SHARINGS: readonly Sharing[] = [
  ...FAMILIES.flatMap((family) =>
    (['multicast', 'unicast'] as const).map(
      (cast) => ({ family, cast, version: 3, intervalMs: 250 }) as const,
    ),
  ),
  { family: 'inet', cast: 'multicast', version: 2, intervalMs: 1000 },
];
/** By how much a busy machine may be slower than four intervals, in milliseconds. */
const SLACK_MS = 8000;

describe('an address that two routers share', { skip, timeout: 600_000 }, () => {
  let lab: Lab;

  before(async () => {
    lab = await openRouterLab();
  });

  after(() => lab?.close());

  for (const sharing of SHARINGS) {
    const { family, cast, version, intervalMs } = sharing;
    for (const pair of PAIRS) {
      const title = `goes from ${pair.join(' to ')}: version ${version}, ${family}, ${cast}`;
      // Of each family, each cast and each direction one.
      const isPart =
        family === 'inet'
          ? cast === 'multicast' && version === 3 && pair[0] === 'vipr' && pair[1] !== 'vipr'
          : cast === 'unicast' && pair[0] === 'keepalived';
      it(title, { skip: isPart ? false : onlyInWhole() }, async (t) => {
        const { milliseconds, failed } = await measureTakeover(lab, pair, sharing);
        t.diagnostic(`${(milliseconds / 1000).toFixed(2)} s without a new connection, ${failed} attempts`);
        assert.ok(milliseconds < 4 * intervalMs + SLACK_MS, `${milliseconds} ms`);
      });
    }
  }
});
