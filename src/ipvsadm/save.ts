/** `ipvsadm-save`: the entry point. */
import { processIo } from './process-io.ts';
import { runOnDirector } from './run-on-director.ts';
import { runIpvsadmSave } from './run-save.ts';

// Without top-level await, so that it can be bundled as CommonJS, which Node.js starts some milliseconds faster.
void runOnDirector(runIpvsadmSave, process.argv.slice(2), processIo(), process.env).then((exitCode) =>
  process.exit(exitCode),
);
