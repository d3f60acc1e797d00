import type { Timeouts } from '../../model/table.ts';

export function formatTimeouts({ tcp, tcpfin, udp }: Timeouts): string {
  return `Timeout (tcp tcpfin udp): ${tcp} ${tcpfin} ${udp}\n`;
}
