import type { VrrpInstanceStatus } from '../../model/vrrp-status.ts';
import {
  type Family,
  type LabelledRow,
  labels,
  type MetricSource,
  metricSource,
  type ValueRow,
} from './family.ts';
import { instanceLabels, STATE_NUMBERS } from './vrrp-labels.ts';

interface InstanceRow extends LabelledRow {
  readonly instance: VrrpInstanceStatus;
}

/**
 * What keepalived_exporter has of VRRP (mehdy/keepalived-exporter, internal/collector/collector.go), under its names and labels, so that
 * dashboards of keepalived work. Its counters have one label more, `state`, with each change of which they would begin anew.
 */
export const keepalivedMetrics: readonly MetricSource[] = [
  metricSource<ValueRow>(
    'vrrp',
    ({ vrrp }) => (vrrp.instances.length === 0 ? [] : [{ labels: '', value: 1 }]),
    [gauge('keepalived_up', 'Always 1; absent where the configuration has no VRRP.')],
  ),
  metricSource<ValueRow>(
    'vrrp',
    ({ vrrp }) =>
      vrrp.instances.flatMap((instance) =>
        instance.addresses.map((address) => ({
          labels: labels({ ...instanceLabels(instance), ip_address: address }),
          value: STATE_NUMBERS[instance.state],
        })),
      ),
    [
      gauge(
        'keepalived_vrrp_state',
        'State of an instance, for each of its addresses: 0 not begun, 1 backup, 2 master, 3 fault.',
      ),
    ],
  ),
  metricSource<InstanceRow>(
    'vrrp',
    ({ vrrp }) => vrrp.instances.map((instance) => ({ labels: labels(instanceLabels(instance)), instance })),
    [
      counter(
        'advertisements_received',
        'Advertisements of the virtual router that came, those that were not heard included.',
        ({ received }) => received,
      ),
      counter('advertisements_sent', 'Advertisements that an instance sent.', ({ sent }) => sent),
      counter('become_master', 'Times that an instance became master.', ({ becameMaster }) => becameMaster),
      counter(
        'release_master',
        'Times that an instance gave up being master.',
        ({ releasedMaster }) => releasedMaster,
      ),
      counter(
        'priority_zero_received',
        'Advertisements of masters that gave up.',
        ({ priorityZeroReceived }) => priorityZeroReceived,
      ),
      counter(
        'priority_zero_sent',
        'Advertisements with which an instance gave up.',
        ({ priorityZeroSent }) => priorityZeroSent,
      ),
      counter(
        'advertisements_interval_errors',
        'Advertisements that were not heard, as their interval is another one.',
        ({ dismissed }) => dismissed.interval ?? 0,
      ),
      counter(
        'address_list_errors',
        'Advertisements that were not heard, as they name other addresses.',
        ({ dismissed }) => dismissed.addresses ?? 0,
      ),
      counter(
        'authentication_failure',
        'Advertisements that were not heard, as they have another password or none.',
        ({ dismissed }) => dismissed.authentication ?? 0,
      ),
    ],
  ),
  metricSource<ValueRow>(
    'vrrp',
    ({ vrrp }) =>
      vrrp.scripts.map(({ name, state }) => ({ labels: labels({ name }), value: Number(state === 'up') })),
    [gauge('keepalived_script_status', 'Whether a tracked script is well: 1 or 0.')],
  ),
];

function gauge(name: string, help: string): Family<ValueRow> {
  return { name, type: 'gauge', help, value: ({ value }) => value };
}

function counter(
  name: string,
  help: string,
  value: (counts: VrrpInstanceStatus['counts']) => number,
): Family<InstanceRow> {
  return {
    name: `keepalived_${name}_total`,
    type: 'counter',
    help,
    value: ({ instance }) => value(instance.counts),
  };
}
