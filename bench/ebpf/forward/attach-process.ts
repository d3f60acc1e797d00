// Loads a program of bpf/forward.bpf.c, attaches it by XDP to a device of this process's network namespace, and pins the link, and the map
// of its counts where there is one. One argument: an Attachment as JSON.
import { BpfLink } from '../../../src/system/bpf/bpf-link.ts';
import { BpfObject } from '../../../src/system/bpf/bpf-object.ts';
import { pin } from '../../../src/system/bpf/pin.ts';
import { interfaceIndex } from './interface-index.ts';

export interface Attachment {
  /** The compiled object. */
  readonly object: string;
  readonly program: 'count' | 'pass' | 'forward';
  readonly constants: Readonly<Record<string, number>>;
  readonly device: string;
  readonly linkPin: string;
  readonly countsPin?: string;
}

if (import.meta.main) {
  const wanted = JSON.parse(process.argv[2] ?? '') as Attachment;
  const object = BpfObject.open(wanted.object, 'forward');
  for (const [name, program] of object.programs) program.setAutoload(name === wanted.program);
  object.setConstants(wanted.constants);
  object.load();
  const link = BpfLink.createXdp(object.program(wanted.program), interfaceIndex(wanted.device), 'native');
  link.pin(wanted.linkPin);
  if (wanted.countsPin !== undefined) pin(object.map('counts'), wanted.countsPin);
}
