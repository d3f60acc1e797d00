import type { z } from 'zod';
import { endpointFields, timingFields } from './check-fields.ts';
import { dnsFields, fileFields, httpFields, miscFields, smtpFields, udpFields } from './check-schema.ts';
import { commandMapping } from './command-schema.ts';
import { configSchema, relay, timeouts } from './config-schema.ts';
import { destinationNotify, destinationSchema, sorryServerFields, tunnel } from './destination-schema.ts';
import { ebpf, markRule } from './ebpf-schema.ts';
import { sysctl } from './ebpf-sysctl-schema.ts';
import { bodyMapping, tlsMapping } from './http-check-schema.ts';
import { api, apiTls, logging, notify, notifyFifo } from './operating-schema.ts';
import { persistenceMapping, serviceNotify, serviceSchema } from './service-schema.ts';
import { syncDaemon } from './sync-schema.ts';
import { virtualAddress, virtualRoute, virtualRule } from './vrrp-address-schema.ts';
import { announcements, virtualMac, vrrp, vrrpGroup, vrrpInstance } from './vrrp-schema.ts';
import { tracked, trackScript, vrrpNotify } from './vrrp-track-schema.ts';

/** A part of the reference that has a table of fields. */
export interface ConfigSection {
  readonly title: string;
  readonly fields: Readonly<Record<string, z.ZodType>>;
}

/** The tables of docs/reference/vipr-yaml.md: together they have every field once. */
export const CONFIG_SECTIONS: readonly ConfigSection[] = [
  { title: 'The file', fields: configSchema.shape },
  { title: 'relay', fields: relay.shape },
  { title: 'ebpf', fields: ebpf.shape },
  { title: 'sysctl', fields: sysctl.shape },
  { title: 'marks', fields: markRule.shape },
  { title: 'timeouts', fields: timeouts.shape },
  { title: 'logging', fields: logging.shape },
  { title: 'api', fields: api.shape },
  { title: 'tls of the API', fields: apiTls.shape },
  { title: 'notify', fields: notify.shape },
  { title: 'fifos', fields: notifyFifo.shape },
  { title: 'services', fields: serviceSchema.shape },
  { title: 'persistence', fields: persistenceMapping.shape },
  { title: 'sorry-server', fields: sorryServerFields },
  { title: 'notify of services', fields: serviceNotify.shape },
  { title: 'destinations', fields: destinationSchema.shape },
  { title: 'tunnel', fields: tunnel.shape },
  { title: 'notify of destinations', fields: destinationNotify.shape },
  { title: 'When checks run', fields: timingFields },
  { title: 'Where checks connect', fields: endpointFields },
  { title: 'http', fields: httpFields },
  { title: 'body', fields: bodyMapping.shape },
  { title: 'tls', fields: tlsMapping.shape },
  { title: 'smtp', fields: smtpFields },
  { title: 'dns', fields: dnsFields },
  { title: 'udp', fields: udpFields },
  { title: 'file', fields: fileFields },
  { title: 'misc', fields: miscFields },
  { title: 'Commands', fields: commandMapping.shape },
  { title: 'vrrp', fields: vrrp.shape },
  { title: 'instances', fields: vrrpInstance.shape },
  { title: 'addresses', fields: virtualAddress.shape },
  { title: 'routes', fields: virtualRoute.shape },
  { title: 'rules', fields: virtualRule.shape },
  { title: 'virtual-mac', fields: virtualMac.shape },
  { title: 'announcements', fields: announcements.shape },
  { title: 'track', fields: tracked.shape },
  { title: 'notify of VRRP', fields: vrrpNotify.shape },
  { title: 'groups of instances', fields: vrrpGroup.shape },
  { title: 'scripts', fields: trackScript.shape },
  { title: 'sync', fields: syncDaemon.shape },
];
