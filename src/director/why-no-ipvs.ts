import { openIpvsEngine } from '../engines/ipvs/open-ipvs-engine.ts';
import { ViprError } from '../model/error.ts';

/** Why this process cannot use the kernel's IPVS, or undefined where it can. Loads the module where it is not loaded. */
export async function whyNoIpvs(): Promise<string | undefined> {
  try {
    const engine = await openIpvsEngine();
    await engine.close();
    return undefined;
  } catch (error) {
    if (error instanceof ViprError) return error.message;
    throw error;
  }
}
