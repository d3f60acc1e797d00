import { runGuestProgram } from '../lab/guest-program.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';

/** What the kernel says of a program. */
export interface LoadedProgram {
  readonly name: string;
  /** How many the verifier looked at, each as often as it came by. */
  readonly verifiedInstructions: number;
  /** Bytes of machine code; 0 where the kernel interprets. */
  readonly jitedLength: number;
}

/** vipr's programs that the kernel of a guest has; `namespace` is any of its. */
export async function loadedPrograms(
  machine: VirtualMachine,
  namespace: string,
): Promise<readonly LoadedProgram[]> {
  return (await runGuestProgram(machine, 'ebpf-programs', {
    namespace,
    input: null,
  })) as readonly LoadedProgram[];
}

export function programsText(programs: readonly LoadedProgram[]): string {
  const each = programs.map(({ name, verifiedInstructions }) => `${name} ${verifiedInstructions}`);
  return `instructions that the verifier looked at: ${each.join(', ')}`;
}
