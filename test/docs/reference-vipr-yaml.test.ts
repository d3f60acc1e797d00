import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import type { z } from 'zod';
import { configSchema, KNOWN_KEYS } from '../../src/config/config-schema.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { DEFAULT_TIMEOUTS } from '../../src/model/table.ts';
import { schedulerNames } from '../../src/scheduling/registry.ts';
import { replay } from './reference-console.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';

const PAGE = readPage('docs/reference/vipr-yaml.md');
const FILES = fencesOf(PAGE.map(({ text }) => text).join('\n')).filter(({ language }) => language === 'yaml');

/** A row of the page's tables and the part of the schema that it is about. */
interface Field {
  readonly key: string;
  readonly value: string;
  readonly preset: string;
  readonly example: string;
  readonly schema: z.ZodType;
}

/** The title of the section about a mapping, by its place in the file: `services.[].destinations.[]`. */
function titleOf(place: string): string {
  const names = place.split('.').filter((name) => name !== '[]');
  return names.at(-1) || 'The file';
}

function rowsOfMapping(place: string): readonly (readonly string[])[] {
  return rowsOf(sectionOf(PAGE, titleOf(place)).text);
}

function fieldsOf(place: string): readonly Field[] {
  const shape = shapeAt(place);
  return rowsOfMapping(place).map(([key = '', value = '', preset = '', example = '']) => {
    const name = codesOf(key)[0] ?? '';
    return { key: name, value, preset, example: codesOf(example)[0] ?? '', schema: shape[name] as z.ZodType };
  });
}

describe('docs/reference/vipr-yaml.md', () => {
  for (const [place, keys] of Object.entries(KNOWN_KEYS)) {
    const title = titleOf(place);

    it(`has a row for every key of '${title}', and for no other`, () => {
      assert.deepEqual(
        fieldsOf(place).map(({ key }) => key),
        keys,
      );
    });

    for (const { key, value, preset, example, schema } of fieldsOf(place)) {
      it(`tells the values and the default of '${key}' in '${title}'`, () => {
        const limits = /^(\d+) to (\d+)/.exec(value);
        if (limits !== null) checkLimits(schema, Number(limits[1]), Number(limits[2]));
        for (const choice of choicesOf(schema))
          assert.ok(codesOf(value).includes(choice), `${choice} is not told`);
        const [told] = codesOf(preset);
        if (preset === 'required') assert.ok(!schema.safeParse(undefined).success);
        else
          assert.deepEqual(
            schema.parse(undefined),
            told === undefined ? undefined : schema.parse(parse(told)),
          );
        const given = parse(example) as Readonly<Record<string, unknown>>;
        assert.deepEqual(Object.keys(given), [key]);
        assert.ok(schema.safeParse(given[key]).success, example);
      });
    }
  }

  it('tells the timeouts that IPVS has', () => {
    const presets = fieldsOf('timeouts').map(({ key, preset }) => [key, Number.parseInt(preset, 10)]);
    assert.deepEqual(Object.fromEntries(presets), DEFAULT_TIMEOUTS);
  });

  it('names every scheduler', () => {
    const [, scheduler] = fieldsOf('services.[]');
    assert.equal(scheduler?.key, 'scheduler');
    assert.deepEqual(codesOf(scheduler.value), [...schedulerNames, 'none']);
  });

  it('begins with a file that has no mistake', () => {
    const [first] = FILES;
    assert.ok(first !== undefined);
    assert.equal(parseConfig(first.text, first.name).table.services.length, 2);
  });

  it('shows what vipr check prints of its files', async () => {
    await using lab = new Lab(Object.fromEntries(FILES.map(({ name, text }) => [name, text])));
    await replay(PAGE.map(({ text }) => text).join('\n'), lab);
  });
});

function checkLimits(schema: z.ZodType, least: number, most: number): void {
  for (const [value, good] of [
    [least - 1, false],
    [least, true],
    [most, true],
    [most + 1, false],
  ] as const) {
    assert.equal(schema.safeParse(value).success, good, `${value}`);
  }
}

/** What zod's own types do not tell of a schema in general: its parts. */
interface Parts {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly string[];
  readonly def: {
    readonly type: string;
    readonly innerType?: z.ZodType;
    readonly out?: z.ZodType;
    readonly element?: z.ZodType;
  };
}

/** The keys of the mapping at a place of the file, with their schemas. */
function shapeAt(place: string): Readonly<Record<string, z.ZodType>> {
  let schema: z.ZodType = configSchema;
  for (const name of place.split('.').filter((step) => step !== '')) {
    const next = name === '[]' ? within(schema).def.element : within(schema).shape?.[name];
    assert.ok(next !== undefined, `${place} is not in the schema`);
    schema = next;
  }
  const { shape } = within(schema);
  assert.ok(shape !== undefined, `${place} is not a mapping`);
  return shape;
}

/** The words that a choice, or a list of choices, takes. */
function choicesOf(schema: z.ZodType): readonly string[] {
  const inner = within(schema);
  if (inner.def.type === 'array' && inner.def.element !== undefined) return choicesOf(inner.def.element);
  if (inner.def.type === 'boolean') return ['true', 'false'];
  return inner.def.type === 'enum' ? (inner.options ?? []) : [];
}

/** A schema without what surrounds it: defaults, optionality, preparation. */
function within(schema: z.ZodType): Parts {
  const parts = schema as unknown as Parts;
  const inner = parts.def.innerType ?? (parts.def.out === undefined ? undefined : parts.def.out);
  const isTransform = inner !== undefined && (inner as unknown as Parts).def.type === 'transform';
  return inner === undefined || isTransform ? parts : within(inner);
}
