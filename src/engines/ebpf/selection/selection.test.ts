import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { destinationOn, ip, serviceOn, settings } from '../../../../test/engine/sample-table.ts';
import type { Port, Weight } from '../../../model/unit.ts';
import { findScheduler, schedulerNames } from '../../../scheduling/registry.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import { SELECTION_BODY, SELECTION_LENGTH, SELECTION_RULE, SELECTION_STAGE } from '../layout.gen.ts';
import { compiledSchedulers, findCompiler } from './find-compiler.ts';
import { SelectionModel } from './selection-model.ts';
import { NO_SELECTION } from './selection-words.ts';
import { weightedMembers } from './weighted-ring.ts';

/**
 * Two services that undergo the same changes: one is chosen from by its scheduler, the other by the model of the data plane from
 * compiled words.
 */
class Pair {
  readonly reference: LiveService;
  readonly compiled: LiveService;
  readonly model: SelectionModel;
  readonly #byId: LiveDestination[] = [];
  readonly #scheduler: string;

  constructor(scheduler: string, flags: Partial<Record<'flag1' | 'flag2', boolean>> = {}) {
    const schedulerFlags = { flag1: false, flag2: false, flag3: false, ...flags };
    this.#scheduler = scheduler;
    const made = [1, 2].map(
      () => new LiveService(serviceOn('192.0.2.10'), settings({ scheduler, schedulerFlags })),
    );
    for (const service of made)
      service.scheduler = findScheduler(scheduler)?.bind<LiveDestination>(service, {
        now: () => 0,
        random: () => 0,
      });
    const [reference, compiled] = made;
    assert.ok(reference && compiled);
    this.reference = reference;
    this.compiled = compiled;
    this.model = new SelectionModel((id) => this.#isEligible(id));
    this.#compile();
  }

  get size(): number {
    return this.reference.destinations.length;
  }

  add(weight: number): void {
    const id = this.#byId.length;
    this.#change((service) => {
      const destination = new LiveDestination(
        service,
        destinationOn(`10.1.${id >> 8}.${id & 255}`, { weight: weight as Weight }),
      );
      destination.slot = id;
      this.#byId[id] = destination;
      service.add(destination);
    });
  }

  delete(at: number): void {
    this.#change((service) => service.remove(nth(service, at)));
  }

  edit(at: number, weight: number): void {
    this.#change((service) => {
      const destination = nth(service, at);
      destination.edit({ ...destination.settings, weight: weight as Weight });
      service.edited(destination);
    }, findCompiler(this.#scheduler).followsEdits);
  }

  toggleOverload(at: number): void {
    for (const service of [this.reference, this.compiled]) {
      const destination = nth(service, at);
      destination.overloaded = !destination.overloaded;
    }
  }

  get somebodyIsEligible(): boolean {
    return this.reference.destinations.some(({ weight, overloaded }) => weight > 0 && !overloaded);
  }

  choices(client = 0): readonly [number | undefined, number | undefined] {
    const request = {
      clientAddress: ip(`10.${client >> 8}.${client & 255}.7`),
      clientPort: (1024 + client) as Port,
      virtualAddress: ip(`192.${client >> 8}.${client & 255}.1`),
    };
    const chosen = this.reference.scheduler?.schedule(request)?.slot;
    const ring = findCompiler(this.#scheduler).ring !== undefined;
    return [
      chosen,
      ring ? this.model.chooseOfRing() : this.model.chooseOfHash(request, this.reference.schedulerFlags),
    ];
  }

  #change(change: (service: LiveService) => void, compile = true): void {
    findCompiler(this.#scheduler).ring?.follow(this.compiled, this.model);
    for (const service of [this.reference, this.compiled]) change(service);
    if (compile) this.#compile();
  }

  #compile(): void {
    const { compile, ring } = findCompiler(this.#scheduler);
    this.model.words = compile(this.compiled.destinations);
    if (ring !== undefined) this.model.place(ring.place(this.compiled));
  }

  #isEligible(id: number): boolean {
    const destination = this.#byId[id];
    return (
      destination !== undefined && destination.weight > 0 && !destination.overloaded && destination.available
    );
  }
}

function nth(service: LiveService, at: number): LiveDestination {
  const destination = service.destinations[at % service.destinations.length];
  assert.ok(destination);
  return destination;
}

const weight = fc.oneof({ weight: 5, arbitrary: fc.nat(6) }, fc.constantFrom(10, 100, 1000, 2 ** 31 - 1));
const step = fc.oneof(
  { weight: 3, arbitrary: weight.map((value) => ({ kind: 'add', value }) as const) },
  { weight: 2, arbitrary: fc.nat(99).map((at) => ({ kind: 'delete', at }) as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), at: fc.nat(99), value: weight }) },
  { weight: 3, arbitrary: fc.nat(99).map((at) => ({ kind: 'overload', at }) as const) },
  { weight: 8, arbitrary: fc.nat(20).map((times) => ({ kind: 'choose', times }) as const) },
);

function compare(
  pair: Pair,
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
): void {
  const log: string[] = [];
  for (const each of steps) {
    log.push(JSON.stringify(each));
    if (each.kind === 'add') pair.add(each.value);
    else if (each.kind === 'choose') {
      for (let time = 0; time < each.times; time++) {
        // The kernel's wrr moves on when nobody can be chosen; see the compiler.
        if (!pair.somebodyIsEligible) break;
        const [expected, chosen] = pair.choices(time * 37);
        assert.equal(chosen, expected, log.join('\n'));
      }
    } else if (pair.size === 0) continue;
    else if (each.kind === 'delete') pair.delete(each.at);
    else if (each.kind === 'edit') pair.edit(each.at, each.value);
    else pair.toggleOverload(each.at);
  }
}

describe('selection', () => {
  for (const scheduler of ['rr', 'wrr', 'sh', 'dh', 'mh']) {
    test(`what is compiled for ${scheduler} chooses as the scheduler does, through changes and overloads`, () => {
      const steps = fc.array(step, { maxLength: scheduler === 'mh' ? 12 : 40, size: 'max' });
      const flags = fc.record({ flag1: fc.boolean(), flag2: fc.boolean() });
      fc.assert(
        fc.property(steps, flags, (changes, given) => compare(new Pair(scheduler, given), changes)),
        { numRuns: scheduler === 'mh' ? 30 : 300 },
      );
    });
  }

  test('wrr from the first destination on goes as the kernel was seen to', () => {
    const pair = new Pair('wrr');
    for (const value of [1, 2, 3]) pair.add(value);
    const ids = Array.from({ length: 11 }, () => (pair.choices()[1] ?? -1) + 1);
    assert.equal(ids.join(''), '32133232133');
  });

  test('a ring of weights 1 and 2147483647 has two segments', () => {
    const pair = new Pair('wrr');
    pair.add(1);
    pair.add(2 ** 31 - 1);
    assert.equal(pair.model.words[SELECTION_LENGTH], 2);
    assert.equal(weightedMembers([1, 2 ** 31 - 1]), 3);
    assert.equal(weightedMembers([0, 5, 5, 3]), 5);
  });

  test('every scheduler has a compiler, and those that scan the list get it in its order', () => {
    assert.deepEqual(compiledSchedulers().toSorted(), schedulerNames.toSorted());
    const pair = new Pair('wlc');
    for (const value of [1, 2, 3]) pair.add(value);
    const rules = new Set<string>();
    for (const scheduler of ['lc', 'wlc', 'sed', 'nq', 'fo', 'ovf', 'twos', 'lblc', 'lblcr']) {
      const words = findCompiler(scheduler).compile(pair.reference.destinations);
      assert.deepEqual([...words.subarray(SELECTION_BODY)], [2, 1, 0]);
      assert.equal(words[SELECTION_LENGTH], 3);
      rules.add(`${words[SELECTION_STAGE]} ${words[SELECTION_RULE]}`);
    }
    assert.equal(rules.size, 9);
    assert.equal(findCompiler('none').compile(pair.reference.destinations), NO_SELECTION);
  });
});
