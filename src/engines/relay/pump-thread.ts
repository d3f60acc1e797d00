import { workerData } from 'node:worker_threads';
import { type PumpOptions, runPump } from './pump/pump.ts';

runPump(workerData as PumpOptions);
