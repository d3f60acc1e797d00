import { readConnections } from '../../src/engines/ipvs/connection-file.ts';
import { formatConnection } from '../../src/ipvsadm/format/connections.ts';
import { NUMERIC_LABELS } from '../../src/ipvsadm/format/labels.ts';

/** `read-connections.ts DIRECTORY` reads DIRECTORY/ip_vs_conn as `ipvsadm -Lcn` does and prints what that took, as JSON. */
const [directory] = process.argv.slice(2);
const from = performance.now();
let entries = 0;
let characters = 0;
for await (const page of readConnections(directory)) {
  for (const entry of page) characters += formatConnection(entry, NUMERIC_LABELS, false).length;
  entries += page.length;
}
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  JSON.stringify({ entries, characters, megabytes, seconds: (performance.now() - from) / 1000 }),
);
