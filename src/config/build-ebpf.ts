import type { z } from 'zod';
import type { Port } from '../model/unit.ts';
import type { EbpfSettings, EbpfSysctls, MarkRuleSettings } from './config.ts';
import type { ebpf, markRule } from './ebpf-schema.ts';

const ALL_PORTS = { firstPort: 0 as Port, lastPort: 65535 as Port };

/** The settings that the section `ebpf` of a checked file gives, without those that it leaves out. */
export function buildEbpf(given: z.output<typeof ebpf>): EbpfSettings {
  const { attach, interfaces, connections, services, destinations, sysctl, marks } = given;
  const sysctls = Object.entries(sysctl).filter(([, value]) => value !== undefined);
  return {
    ...(attach !== undefined && { attach }),
    ...(interfaces.length > 0 && { interfaces }),
    ...(connections !== undefined && { connections }),
    ...(services !== undefined && { services }),
    ...(destinations !== undefined && { destinations }),
    ...(sysctls.length > 0 && { sysctls: Object.fromEntries(sysctls) as EbpfSysctls }),
    ...(marks.length > 0 && { marks: marks.map(buildRule) }),
  };
}

function buildRule({ mark, protocol, address, ports }: z.output<typeof markRule>): MarkRuleSettings {
  return { mark, ...(protocol !== undefined && { protocol }), ...address, ...(ports ?? ALL_PORTS) };
}
