/**
 * In the guest: sends random sequences of packets to the kernel's IPVS and to vipr's engine, and compares what they send, their
 * connections, counts and statistics.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { AgreementInput } from '../ebpf/agreement.ts';
import { Agreement } from './twin/agreement-run.ts';

const [input = '', output = ''] = process.argv.slice(2);
const agreement = new Agreement(JSON.parse(readFileSync(input, 'utf8')) as AgreementInput);
writeFileSync(output, JSON.stringify(await agreement.run()));
process.exit(0);
