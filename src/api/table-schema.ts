import { z } from 'zod';
import { destinationKey } from '../model/destination.ts';
import { serviceKey } from '../model/service.ts';
import { destination, serviceId, settings, timeouts } from './operation-schema.ts';
import type { WantedTable } from './protocol.ts';
import { component } from './schema/component.ts';

const service = settings.extend({
  id: serviceId,
  destinations: z.array(destination).check(unique(destinationKey)),
});

/** The body of POST /v1/plan and /v1/apply. */
export const wantedTableSchema = component(
  'WantedTable',
  z.strictObject({
    services: z.array(service).check(unique(({ id }) => serviceKey(id))),
    timeouts,
    prune: z.boolean().exactOptional(),
  }),
) satisfies z.ZodType<WantedTable>;

/** The body of requests that say all by their path. */
export const emptyRequestSchema = z.strictObject({});

/** Reports every element whose key an earlier one has. */
function unique<T>(keyOf: (value: T) => string): z.core.CheckFn<T[]> {
  return ({ value, issues }) => {
    const seen = new Set<string>();
    value.forEach((element, index) => {
      const key = keyOf(element);
      if (seen.has(key)) {
        issues.push({ code: 'custom', input: element, path: [index], message: `${key} is given twice` });
      }
      seen.add(key);
    });
  };
}
