/** `ipvsadm-restore`: the entry point. */
import { processIo } from './process-io.ts';
import { runOnDirector } from './run-on-director.ts';
import { runIpvsadmRestore } from './run-restore.ts';

process.exit(await runOnDirector(runIpvsadmRestore, process.argv.slice(2), processIo(), process.env));
