/** A process that boots a guest of the kernel line given and then does nothing; a test kills it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KernelLine } from './kernel.ts';
import { bootLab } from './lab.ts';

await bootLab(process.argv[2] as KernelLine, 'part');
await delay(60_000);
