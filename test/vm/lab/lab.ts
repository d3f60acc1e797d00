import { isInstalled } from './command.ts';
import type { Extent } from './extent.ts';
import { requireHostPrograms } from './host-program.ts';
import { type KernelLine, prepareKernel } from './kernel.ts';
import { unpackedWithDependencies } from './packages.ts';
import { LabUnavailable } from './unavailable.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** What the guest always has besides the machine's own programs. */
const GUEST_PACKAGES = ['busybox-static', 'kmod', 'ipvsadm', 'nftables', 'libnginx-mod-stream', 'keepalived'];
/** What it gets where the machine lacks the program. */
const GUEST_PROGRAMS = {
  nginx: 'nginx-light',
  curl: 'curl',
  ethtool: 'ethtool',
  ip: 'iproute2',
  sysctl: 'procps',
};

/**
 * Boots a kernel of the line. Throws {@link LabUnavailable} with the reason where this machine cannot; the `whole` extent
 * installs what is missing first.
 */
export function bootLab(line: KernelLine, extent: Extent): Promise<VirtualMachine> {
  if (extent === 'none') throw new LabUnavailable('VIPR_VM=none leaves the VM lab out');
  if (process.arch !== 'x64') throw new LabUnavailable(`its kernels are for x64, this is ${process.arch}`);
  if (process.getuid?.() !== 0) {
    throw new LabUnavailable('it shares the whole machine with its guest: run it as root');
  }
  requireHostPrograms(extent === 'whole');
  const missing = Object.entries(GUEST_PROGRAMS).filter(([program]) => !isInstalled(program));
  const packages = [...GUEST_PACKAGES, ...missing.map(([, name]) => name)];
  const tools = unpackedWithDependencies('guest', packages);
  return VirtualMachine.boot({ kernel: prepareKernel(line, tools), layers: [tools] });
}
