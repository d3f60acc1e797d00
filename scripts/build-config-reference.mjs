// `npm run build:reference`, on the Node.js of the checkout: the JSON Schema of vipr.yaml and the tables of its reference, made of the schema in src/config.

import { readFileSync, writeFileSync } from 'node:fs';
import { checkout } from './checkout.mjs';

const { configJsonSchema } = await import('../src/config/config-json-schema.ts');
const { CONFIG_SECTIONS } = await import('../src/config/config-sections.ts');
const { withReferenceTables } = await import('../src/config/reference-table.ts');

const page = `${checkout}/docs/reference/vipr-yaml.md`;
writeFileSync(`${checkout}/docs/vipr.schema.json`, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
writeFileSync(page, withReferenceTables(readFileSync(page, 'utf8'), CONFIG_SECTIONS));
