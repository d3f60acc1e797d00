import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import { fieldDocs, presetOf } from './field-doc.ts';

/** The JSON Schema of vipr.yaml, for editors: what may be written, without the rules between fields. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      if (!(zodSchema instanceof z.ZodType)) return;
      const doc = fieldDocs.get(zodSchema);
      if (doc === undefined) return;
      const preset = presetOf(zodSchema);
      jsonSchema.description = `${plain(doc.value)}${preset === 'required' ? '' : ` (default: ${plain(preset)})`}`;
      jsonSchema.examples = Object.values(parse(doc.example) as Readonly<Record<string, never>>);
    },
  });
  const { $schema, ...rest } = schema;
  return { $schema, title: 'vipr.yaml', description: 'The configuration of a vipr director.', ...rest };
}

/** Markdown without its links and marks. */
function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}
