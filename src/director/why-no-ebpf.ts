/** Why this process cannot run vipr's own data plane, or undefined where it can. Nothing is attached. */
export async function whyNoEbpf(): Promise<string | undefined> {
  const requirements = await import('../engines/ebpf/lifecycle/requirements.ts');
  return requirements.whyNoEbpf();
}
