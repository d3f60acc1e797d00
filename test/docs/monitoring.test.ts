import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { METRIC_GROUPS } from '../../src/api/schema/request-schema.ts';
import { CHECKOUT } from '../project/source-file.ts';
import { type MetricRow, metricRows } from './metric-rows.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';

const PAGE = readPage('docs/guide/monitoring.md');
const ROWS = await metricRows();
const METRICS = new Map([...ROWS.values()].flat().map((row) => [row.name, row]));
/** What Prometheus adds to every series, and what histograms have. */
const USUAL_LABELS = ['job', 'instance', 'le'];

describe('docs/guide/monitoring.md', () => {
  for (const group of METRIC_GROUPS) {
    it(`lists the metrics of the group ${group} as they are`, () => {
      const documented = rowsOf(sectionOf(PAGE, group).text).map((cells) => ({
        name: codesOf(cells[0] ?? '')[0] ?? '',
        type: cells[1] ?? '',
        // Those of the process depend on what it does at the moment.
        labels: group === 'process' ? [] : [...codesOf(cells[2] ?? '')],
        help: cells.at(-1) ?? '',
      }));
      const given = (ROWS.get(group) ?? []).map((row) =>
        group === 'process' ? { ...row, labels: [] } : row,
      );
      assert.deepEqual(documented, given);
    });
  }

  it('shows YAML that can be read', () => {
    const blocks = PAGE.flatMap(({ text }) => fencesOf(text)).filter(({ language }) => language === 'yaml');
    assert.ok(blocks.length >= 3);
    for (const { text } of blocks) assert.equal(typeof parse(text), 'object');
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

describe('dashboards/vipr.json', () => {
  const dashboard = JSON.parse(read('dashboards/vipr.json'));
  const panels: readonly Panel[] = dashboard.panels;

  it('asks for metrics and labels that exist', () => {
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    assert.ok(asked.length > 20);
    for (const expression of asked) assertAsksForWhatExists(expression);
    for (const { query } of dashboard.templating.list.slice(1)) {
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query.query) ?? [];
      assertAsksForWhatExists(selector);
      assert.ok(
        [...USUAL_LABELS, ...(METRICS.get(selector.replace(/\{.*/, ''))?.labels ?? [])].includes(label),
      );
    }
  });

  it('shows services, destinations, health, drains, VRRP and the director, in panels that do not overlap', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    assert.deepEqual(rows, [
      'Overview',
      'Services',
      'Destinations',
      'Health checks',
      'Drains',
      'High availability',
      'Director',
    ]);
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const taken = new Set<string>();
    for (const { type, title, description, gridPos, targets = [] } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      if (type !== 'row') assert.ok(targets.length > 0 && description, title);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!taken.has(`${x} ${y}`), `${title} overlaps another one`);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});

describe('dashboards/vipr-alerts.yaml', () => {
  it('has rules for metrics that exist, with what they mean', () => {
    const { groups } = parse(read('dashboards/vipr-alerts.yaml'));
    const [{ rules }] = groups;
    assert.ok(rules.length >= 10);
    assert.equal(new Set(rules.map(({ alert }: { alert: string }) => alert)).size, rules.length);
    for (const { alert, expr, labels, annotations } of rules) {
      const asked = assertAsksForWhatExists(expr);
      assert.match(alert, /^Vipr[A-Z]/);
      assert.match(labels.severity, /^(critical|warning|info)$/);
      const shown = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) =>
        String(label),
      );
      const known = [...USUAL_LABELS, ...asked.flatMap((row) => row.labels)];
      assert.deepEqual(
        shown.filter((label) => !known.includes(label)),
        [],
        alert,
      );
      assert.ok(annotations.summary.endsWith('.'), alert);
    }
  });
});

/** Every name in a PromQL expression that could be vipr's, with the labels it is asked by; returns the metrics. */
function assertAsksForWhatExists(expression: string): readonly MetricRow[] {
  assert.equal(count(expression, '('), count(expression, ')'), expression);
  assert.equal(count(expression, '{'), count(expression, '}'), expression);
  const names = [...expression.matchAll(/\b(?:vipr|keepalived|node_ipvs)_\w+/g)].map(([name]) => name);
  const rows = names.map((name) => {
    const row = METRICS.get(name) ?? METRICS.get(name.replace(/_(bucket|sum|count)$/, ''));
    assert.ok(row !== undefined, `${name} does not exist: ${expression}`);
    assert.equal(row.type === 'histogram', !METRICS.has(name), name);
    return row;
  });
  for (const [, name = '', inner = ''] of expression.matchAll(
    /\b((?:vipr|keepalived|node_ipvs)_\w+)\{([^}]*)\}/g,
  )) {
    const labels = METRICS.get(name.replace(/_bucket$/, ''))?.labels ?? [];
    for (const [, label = ''] of inner.matchAll(/(\w+)(?:=~|!=|=)"/g)) {
      assert.ok([...USUAL_LABELS, ...labels].includes(label), `${name} has no label ${label}`);
    }
  }
  for (const [, inner = ''] of expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)) {
    for (const label of inner.split(', ')) {
      assert.ok(
        [...USUAL_LABELS, ...rows.flatMap((row) => row.labels)].includes(label),
        `${label}: ${expression}`,
      );
    }
  }
  return rows;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function read(path: string): string {
  return readFileSync(join(CHECKOUT, path), 'utf8');
}
