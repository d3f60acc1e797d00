import { WEIGHTS } from './scene.ts';
import { SERVER_NAMES, type ServerName, type Stage } from './stage/stage.ts';

/** The vipr.yaml of the demonstration. */
export function configuration({ settings, virtualAddress, serverAddress, ports }: Stage): string {
  const group = (port: number, more: (name: ServerName) => string = () => ''): string =>
    SERVER_NAMES.map((name) => `    - { address: ${serverAddress[name]}:${port}${more(name)} }\n`).join('');
  return `${settings.join('\n')}
timeouts: { udp: 3 }
check-defaults: { interval: 500ms, timeout: 400ms, retry: 0, warmup: 0 }
groups:
  web:
${group(ports.web, (name) => `, weight: ${WEIGHTS[name]}`)}  app:
${group(ports.app)}  dns:
${group(ports.dns)}services:
  - service: tcp ${virtualAddress}:${ports.web}
    scheduler: wrr
    group: web
    checks: [{ type: http, path: /health }]
    slow-start: 4s
  - service: tcp ${virtualAddress}:${ports.app}
    scheduler: mh            # each client has its server, by its address,
    flags: [mh-fallback]     # and another one while that takes nobody
    group: app
    checks: [tcp]
  - service: udp ${virtualAddress}:${ports.dns}
    scheduler: rr
    group: dns
    checks: [{ type: dns, name: who.example, record-type: TXT }]
`;
}
