/** `ipvsadm-save`: the entry point. */
import { processIo } from './process-io.ts';
import { runOnDirector } from './run-on-director.ts';
import { runIpvsadmSave } from './run-save.ts';

process.exit(await runOnDirector(runIpvsadmSave, process.argv.slice(2), processIo(), process.env));
