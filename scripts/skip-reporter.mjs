/** Characters of what a failed test said, of its beginning and of its end. */
const REASON_PART = 1000;

/**
 * A reporter for node:test that writes one line of JSON for each test that ended, and for an interruption of the run; test.mjs makes the closing summary
 * of them, and takes a file that no longer grows for a run that hangs.
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
// biome-ignore lint/style/noDefaultExport: node:test takes the default export of a reporter.
export default async function* skipReporter(events) {
  /** Names of the tests that are open, by file, outermost first. */
  const open = new Map();
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      const names = open.get(data.file) ?? [];
      names.length = data.nesting;
      names.push(data.name);
      open.set(data.file, names);
      yield '\n';
    }
    if (type === 'test:interrupted') {
      yield `${JSON.stringify({ interrupted: data.tests.map(({ file, name }) => file ?? name) })}\n`;
    }
    if (type === 'test:pass' || type === 'test:fail') {
      const outer = (open.get(data.file) ?? []).slice(0, data.nesting);
      yield `${JSON.stringify({
        file: data.file,
        name: [...outer, data.name].join(' › '),
        suite: data.details?.type === 'suite',
        passed: type === 'test:pass',
        skip: data.skip,
        todo: data.todo,
        why: type === 'test:fail' ? whyOf(data.details?.error) : undefined,
      })}\n`;
    }
  }
}

/** What a failed test said, without where: the runner's own error only wraps that. */
function whyOf(error) {
  const said = error?.cause ?? error;
  if (said === undefined) return undefined;
  const text = String(said.message ?? said);
  return text.length <= 2 * REASON_PART
    ? text
    : `${text.slice(0, REASON_PART)}\n…\n${text.slice(-REASON_PART)}`;
}
