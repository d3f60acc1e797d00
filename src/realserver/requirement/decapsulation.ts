import { kernelDevices, kernelTunnelRequirements } from './kernel-tunnel.ts';
import { ownProgramRequirements } from './own-program.ts';
import type { Requirement, Situation } from './requirement.ts';

/** Somebody takes the outer headers off. */
export async function decapsulationRequirements(situation: Situation): Promise<readonly Requirement[]> {
  if (situation.settings.tunnels.length === 0) return [];
  return (await isKernels(situation))
    ? kernelTunnelRequirements(situation)
    : ownProgramRequirements(situation);
}

/** Whether it is the kernel's devices that do. */
async function isKernels(situation: Situation): Promise<boolean> {
  const { settings, host, view } = situation;
  if (settings.decapsulation !== 'auto') return settings.decapsulation === 'kernel';
  const devices = kernelDevices(situation);
  if (devices.length === 0) return false;
  for (const { name, module } of devices) {
    if (view.links.some((link) => link.name === name)) continue;
    if (!(await host.hasModule(module))) return false;
  }
  const withGue = settings.tunnels.some(({ kind }) => kind === 'gue');
  return !withGue || (await host.hasModule('fou'));
}
