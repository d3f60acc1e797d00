import { join } from 'node:path';
import { CLIENT_ADDRESSES, serverAddress, VIRTUAL_ADDRESSES } from '../../test/netns/lab/address.ts';
import type { Host } from '../../test/netns/lab/host.ts';
import { Lab } from '../../test/netns/lab/lab.ts';
import { OWNER, type Role, type Stage } from './stage.ts';

/** Hosts that are network namespaces, with the eBPF engine in the director's. */
export async function openNamespaceStage(): Promise<Stage> {
  const lab = await Lab.open({ owner: OWNER, servers: 3 });
  const hostOf = (role: Role): Host => (role === 'director' ? lab.director : lab.host(role));
  return {
    engine: 'ebpf',
    about:
      'It balances in the kernel, by its own BPF programs. The client, the director and the servers are network namespaces,\n' +
      `${lab.site}-…, which are gone at the end.`,
    directory: lab.directory,
    virtualAddress: VIRTUAL_ADDRESSES.inet,
    clientAddress: CLIENT_ADDRESSES.inet.throughDirector,
    serverAddress: {
      rs1: serverAddress('inet', 1),
      rs2: serverAddress('inet', 2),
      rs3: serverAddress('inet', 3),
    },
    ports: { web: 80, app: 8080, dns: 53 },
    // The kernel takes the memory at the start: less of it is there sooner.
    settings: ['engine: ebpf', 'ebpf: { attach: tc, connections: 16384 }'],
    environment: { VIPR_BPF_DIR: join(lab.bpfFileSystem, 'vipr') },
    wrapper: (role) => ['ip', 'netns', 'exec', hostOf(role).namespace],
    start: (role, words, environment) => hostOf(role).start(words, { environment: { ...environment } }),
    close: () => lab.close(),
  };
}
