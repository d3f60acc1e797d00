/** In the guest: answers with what the kernel says of the programs of vipr that are loaded. */
import { writeFileSync } from 'node:fs';
import { BpfAttribute } from '../../../src/system/bpf/bpf-attribute.ts';
import { tryBpf } from '../../../src/system/bpf/bpf-call.ts';
import { openById } from '../../../src/system/bpf/open-by-id.ts';
import { readProgramInfo } from '../../../src/system/bpf/program-info.ts';
import { close } from '../../../src/system/libc.ts';
import type { LoadedProgram } from '../ebpf/loaded-program.ts';

/** enum bpf_cmd of linux/bpf.h. */
const BPF_PROG_GET_NEXT_ID = 11;

const programs: LoadedProgram[] = [];
for (let id = nextId(0); id !== undefined; id = nextId(id)) {
  const fd = openById('program', id);
  const { name, verifiedInstructions, jitedLength } = readProgramInfo(fd);
  close(fd);
  if (name.startsWith('vipr_')) programs.push({ name, verifiedInstructions, jitedLength });
}
writeFileSync(process.argv[3] ?? '', JSON.stringify(programs));
process.exit(0);

function nextId(id: number): number | undefined {
  const attribute = new BpfAttribute(12).setU32(0, id);
  return tryBpf(BPF_PROG_GET_NEXT_ID, attribute) < 0 ? undefined : attribute.u32(4);
}
