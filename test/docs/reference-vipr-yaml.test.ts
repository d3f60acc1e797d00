import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import type { z } from 'zod';
import { configJsonSchema } from '../../src/config/config-json-schema.ts';
import { configSchema } from '../../src/config/config-schema.ts';
import { CONFIG_SECTIONS } from '../../src/config/config-sections.ts';
import { fieldDocs, presetOf } from '../../src/config/field-doc.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { withReferenceTables } from '../../src/config/reference-table.ts';
import { DEFAULT_TIMEOUTS } from '../../src/model/table.ts';
import { schedulerNames } from '../../src/scheduling/registry.ts';
import { CHECKOUT } from '../project/source-file.ts';
import { replay } from './reference-console.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, fencesOf, readPage } from './reference-page.ts';

const NAME = 'docs/reference/vipr-yaml.md';
const PAGE = readPage(NAME);
const FILES = fencesOf(PAGE.map(({ text }) => text).join('\n')).filter(({ language }) => language === 'yaml');
const REBUILD = 'run node_modules/node/bin/node scripts/build-config-reference.mjs';

describe('docs/reference/vipr-yaml.md', () => {
  it('has the tables that the schema makes', () => {
    const page = readFileSync(join(CHECKOUT, NAME), 'utf8');
    assert.ok(withReferenceTables(page, CONFIG_SECTIONS) === page, `the tables are old: ${REBUILD}`);
  });

  it('has a row for every field of the schema', () => {
    const told = new Set(CONFIG_SECTIONS.flatMap(({ fields }) => Object.values(fields)));
    const untold = fieldsOf(configSchema, '').filter(({ schema }) => !told.has(schema));
    assert.deepEqual(
      untold.map(({ path }) => path).filter((path) => !path.endsWith('.type')),
      [],
    );
  });

  for (const { title, fields } of CONFIG_SECTIONS) {
    for (const [key, schema] of Object.entries(fields)) {
      it(`tells the values and the default of '${key}' in '${title}'`, () => {
        const doc = fieldDocs.get(schema);
        assert.ok(doc !== undefined);
        const limits = /^(-?\d+) to (\d+)/.exec(doc.value);
        if (limits !== null) checkLimits(schema, Number(limits[1]), Number(limits[2]));
        for (const choice of choicesOf(schema)) {
          assert.ok(codesOf(doc.value).includes(choice), `${choice} is not told`);
        }
        const preset = presetOf(schema);
        assert.equal(preset === 'required', !schema.safeParse(undefined).success);
        const given = parse(doc.example) as Readonly<Record<string, unknown>>;
        assert.deepEqual(Object.keys(given), [key]);
        assert.ok(schema.safeParse(given[key]).success, doc.example);
      });
    }
  }

  it('tells the timeouts that IPVS has', () => {
    const { fields } = CONFIG_SECTIONS.find(({ title }) => title === 'timeouts') ?? assert.fail();
    const presets = Object.entries(fields).map(([key, schema]) => [
      key,
      Number.parseInt(presetOf(schema), 10),
    ]);
    assert.deepEqual(Object.fromEntries(presets), DEFAULT_TIMEOUTS);
  });

  it('names every scheduler', () => {
    const { fields } = CONFIG_SECTIONS.find(({ title }) => title === 'services') ?? assert.fail();
    const { scheduler } = fields;
    assert.ok(scheduler !== undefined);
    assert.deepEqual(codesOf(fieldDocs.get(scheduler)?.value ?? ''), [...schedulerNames, 'none']);
  });

  it('begins with a file that has no mistake', () => {
    const [first] = FILES;
    assert.ok(first !== undefined);
    assert.equal(parseConfig(first.text, first.name).table.services.length, 2);
  });

  it('shows what vipr check prints of its files', async () => {
    await using lab = new Lab(Object.fromEntries(FILES.map(({ name, text }) => [name || 'line.yaml', text])));
    await replay(PAGE.map(({ text }) => text).join('\n'), lab);
  });
});

describe('docs/vipr.schema.json', () => {
  const text = readFileSync(join(CHECKOUT, 'docs/vipr.schema.json'), 'utf8');
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(text) as object);

  it('is what the schema makes', () => {
    assert.ok(text === `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`, `it is old: ${REBUILD}`);
  });

  for (const { name, text: sample } of FILES.filter(({ name }) => !['', 'broken.yaml'].includes(name))) {
    it(`takes ${name} of the reference`, () => {
      // References to the environment are text to an editor, also where a number is meant.
      const value: unknown = parse(sample.replace(/\$\{[^}]*\}$/gm, '1'));
      assert.ok(validate(value), JSON.stringify(validate.errors, undefined, 2));
    });
  }

  it('takes every example of a field', () => {
    for (const [key, schema] of CONFIG_SECTIONS[0] ? Object.entries(CONFIG_SECTIONS[0].fields) : []) {
      const doc = fieldDocs.get(schema);
      assert.ok(validate(parse(doc?.example ?? '')), `${key}: ${JSON.stringify(validate.errors)}`);
    }
  });

  for (const wrong of [
    'engine: dpdk',
    'servces: []',
    'services: [{ scheduler: rr }]',
    'services: [{ service: tcp 192.0.2.10:80, checks: [{ type: bfd }] }]',
    'services: [{ service: tcp 192.0.2.10:80, checks: [{ type: tcp, path: / }] }]',
    'services: [{ service: tcp 192.0.2.10:80, quorum: 0 }]',
    'services: [{ service: tcp 192.0.2.10:80, destinations: [{ weight: 3 }] }]',
  ]) {
    it(`refuses ${wrong}`, () => {
      assert.equal(validate(parse(wrong)), false);
    });
  }
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
  readonly options?: readonly unknown[];
  readonly def: {
    readonly type: string;
    readonly innerType?: z.ZodType;
    readonly in?: z.ZodType;
    readonly element?: z.ZodType;
    readonly valueType?: z.ZodType;
    readonly options?: readonly z.ZodType[];
  };
}

/** Every field of every mapping, with where it is first. */
function fieldsOf(
  schema: z.ZodType,
  path: string,
  seen = new Set<z.ZodType>(),
): { path: string; schema: z.ZodType }[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const { shape, def } = schema as unknown as Parts;
  const inner = [def.innerType, def.in, def.element, def.valueType, ...(def.options ?? [])];
  return [
    ...Object.entries(shape ?? {}).flatMap(([key, field]) => [
      { path: `${path}.${key}`, schema: field },
      ...fieldsOf(field, `${path}.${key}`, seen),
    ]),
    ...inner.flatMap((one) => (one === undefined ? [] : fieldsOf(one, path, seen))),
  ];
}

/** The words that a choice, or a list of choices, takes. */
function choicesOf(schema: z.ZodType): readonly string[] {
  const { def, options } = schema as unknown as Parts;
  if (def.type === 'boolean') return ['true', 'false'];
  if (def.type === 'enum') return (options ?? []).map(String);
  const inner = def.innerType ?? def.in ?? def.element;
  return inner === undefined ? [] : choicesOf(inner);
}
