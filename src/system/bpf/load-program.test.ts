import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { close } from '../libc.ts';
import { BpfError } from './bpf-error.ts';
import { BPF_PROG_TYPE_XDP } from './constants.ts';
import { loadProgram } from './load-program.ts';
import { readProgramInfo } from './program-info.ts';
import { testRun } from './test-run.ts';
import { whyNoBpf } from './testing/why-no-bpf.ts';

describe('loadProgram', { skip: whyNoBpf }, () => {
  const exit = 0x95n;

  it('loads instructions', () => {
    const moveTwo = 0xb7n | (2n << 32n);
    const fd = loadProgram({ type: BPF_PROG_TYPE_XDP, instructions: [moveTwo, exit], name: 'bare' });
    try {
      assert.equal(readProgramInfo(fd).name, 'bare');
      assert.equal(testRun({ fd }, { data: new Uint8Array(14) }).verdict, 2);
    } finally {
      close(fd);
    }
  });

  it('has the log of the verifier where it refuses', () => {
    assert.throws(
      () => loadProgram({ type: BPF_PROG_TYPE_XDP, instructions: [exit] }),
      (error) => error instanceof BpfError && error.message.includes('R0 !read_ok'),
    );
  });
});
