import type { EbpfSettings, RelaySettings } from '../config/config.ts';
import type { InstanceOptions } from '../engines/ebpf/lifecycle/instance.ts';
import type { Engine, EngineCapabilities, EngineName } from '../engines/engine.ts';
import type { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';

/** Engines that a director of this version can run. */
export type RunnableEngine = Extract<EngineName, 'ipvs' | 'ebpf' | 'relay' | 'memory'>;

export interface EngineOptions extends RelaySettings {
  /** Worker threads of the relay; absent for one a core. */
  readonly workers?: number;
  readonly ebpf?: EbpfSettings & InstanceOptions;
  /** Hears what happens that nobody asked for. */
  readonly info?: (text: string) => void;
  /** Hears what an operator should know. */
  readonly warn: (text: string) => void;
  /** Hears that the engine is of no use any more. */
  readonly failed: (error: ViprError) => void;
}

export interface EngineDefinition {
  readonly name: RunnableEngine;
  readonly capabilities: EngineCapabilities;
  /** Throws NOT_SUPPORTED_BY_ENGINE for an operation that the engine cannot carry out. */
  readonly refuse: (operation: Operation) => void;
  /** Starts the engine; its table is empty, but for ipvs, where it is the kernel's, and ebpf, where it is that of the maps. */
  readonly start: (options: EngineOptions) => Promise<Engine>;
}

/** An engine by its name; only its own code is loaded. */
export async function loadEngine(name: RunnableEngine): Promise<EngineDefinition> {
  switch (name) {
    case 'ipvs':
      return loadIpvs();
    case 'ebpf':
      return loadEbpf();
    case 'relay':
      return loadRelay();
    case 'memory':
      return loadMemory();
    default:
      throw new Error(`unknown engine ${name satisfies never}`);
  }
}

async function loadIpvs(): Promise<EngineDefinition> {
  const { IPVS_CAPABILITIES, refuseUnsupported } = await import('../engines/ipvs/capability.ts');
  return {
    name: 'ipvs',
    capabilities: IPVS_CAPABILITIES,
    refuse: refuseUnsupported,
    start: async ({ info }) => {
      const { openIpvsEngine } = await import('../engines/ipvs/open-ipvs-engine.ts');
      return openIpvsEngine({ ...(info !== undefined && { info }) });
    },
  };
}

async function loadEbpf(): Promise<EngineDefinition> {
  const { EBPF_CAPABILITIES, refuseUnsupported } = await import('../engines/ebpf/capability.ts');
  return {
    name: 'ebpf',
    capabilities: EBPF_CAPABILITIES,
    refuse: refuseUnsupported,
    start: async ({ ebpf, info, warn, failed }) => {
      const { openEbpfEngine } = await import('../engines/ebpf/lifecycle/open-ebpf-engine.ts');
      return openEbpfEngine({ ...ebpf, ...(info !== undefined && { info }), warn }, failed);
    },
  };
}

async function loadRelay(): Promise<EngineDefinition> {
  const { RELAY_CAPABILITIES, refuseUnsupported } = await import('../engines/relay/capability.ts');
  return {
    name: 'relay',
    capabilities: RELAY_CAPABILITIES,
    refuse: refuseUnsupported,
    start: async (options) => {
      const { RelayEngine } = await import('../engines/relay/relay-engine.ts');
      return RelayEngine.start(options);
    },
  };
}

async function loadMemory(): Promise<EngineDefinition> {
  const { MemoryEngine } = await import('../engines/memory/memory-engine.ts');
  const { capabilities } = await new MemoryEngine().info();
  return { name: 'memory', capabilities, refuse: () => undefined, start: async () => new MemoryEngine() };
}
