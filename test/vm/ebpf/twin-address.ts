/** Where packets of the twins' clients come in and those for servers go out. */
export const SIDES = ['clients', 'servers'] as const;
export type Side = (typeof SIDES)[number];

/** The director on the kernel's IPVS, and that on vipr's engine. Namespaces bear the same names. */
export const TWINS = ['kernel', 'vipr'] as const;
export type Twin = (typeof TWINS)[number];

/** The namespace that has the other ends of all the twins' devices. */
export const WIRE = 'wire';

/** Link-layer addresses of the devices of both directors, and of the router behind which all clients are. */
export const DEVICE_MACS: Readonly<Record<Side, string>> = {
  clients: '02:00:00:00:00:02',
  servers: '02:00:00:00:00:03',
};
export const ROUTER_MAC = '02:00:00:00:00:01';
export const ROUTER = '10.4.0.254';

/** Of the directors, towards servers. */
export const OWN = { inet: '10.2.0.1', inet6: 'fd02::1' } as const;

/** The device of the wire at which a side of a director ends. */
export function wireEnd(twin: Twin, side: Side): string {
  return `${twin}-${side}`;
}

/** The link-layer address that the twins know for a server. */
export function serverMac(address: string): string {
  let hash = 0;
  for (const letter of address) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) & 0xffffff;
  return `02:01:00:${[16, 8, 0].map((shift) => ((hash >> shift) & 0xff).toString(16).padStart(2, '0')).join(':')}`;
}
