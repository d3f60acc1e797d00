/** `ipvsadm`: the entry point. */
import { processIo } from './process-io.ts';
import { runIpvsadm } from './run.ts';
import { runOnDirector } from './run-on-director.ts';

// Without top-level await, so that it can be bundled as CommonJS, which Node.js starts some milliseconds faster.
void runOnDirector(runIpvsadm, process.argv.slice(2), processIo(), process.env).then((exitCode) =>
  process.exit(exitCode),
);
