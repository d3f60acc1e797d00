import { FIREWALL_MARK, VIPS } from './network.ts';

const SERVERS = { inet: ['10.2.0.21', '10.2.0.22'], inet6: ['fd02::21', 'fd02::22'] } as const;
const PERSISTENCE_SECONDS = 600;

/** The services of {@link VIPS}, as `ipvsadm -R` takes them. */
export function interopTable(): string {
  const lines = (['inet', 'inet6'] as const).flatMap((family) => {
    const { masquerading, direct, tunnel, persistent, marked } = VIPS;
    const six = family === 'inet6' ? ' -6' : '';
    const on = (vip: string, port: number): string => (six === '' ? `${vip}:${port}` : `[${vip}]:${port}`);
    const service = (id: string, words: string, serverPort: number, more = ''): string[] => [
      `-A ${id} -s rr${more}`,
      ...SERVERS[family].map((server) => `-a ${id} -r ${on(server, serverPort)} ${words}`),
    ];
    return [
      ...[masquerading, direct, tunnel].flatMap((vip) => [
        ...service(`-t ${on(vip[family], 80)}`, vip.words, 80),
        ...service(`-u ${on(vip[family], 53)}`, vip.words, 53),
      ]),
      ...service(`-t ${on(persistent[family], 80)}`, persistent.words, 80, ` -p ${PERSISTENCE_SECONDS}`),
      ...service(`-f ${FIREWALL_MARK}${six}`, marked.words, 0, ` -p ${PERSISTENCE_SECONDS}`),
    ];
  });
  return `${lines.join('\n')}\n`;
}
