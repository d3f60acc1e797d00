/** `ipvsadm`: the entry point. */
import { processIo } from './process-io.ts';
import { runIpvsadm } from './run.ts';
import { runOnDirector } from './run-on-director.ts';

process.exit(await runOnDirector(runIpvsadm, process.argv.slice(2), processIo(), process.env));
