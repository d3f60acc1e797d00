import { parseHostPort } from '../model/parse-host-port.ts';
import { serviceKey } from '../model/service.ts';
import { checkChecks } from './check-rules.ts';
import { fieldOf, isMapping, type LaidOutService, listOf } from './config-layout.ts';
import type { ConfigPath, ConfigProblem } from './config-problem.ts';
import { checkDestination, destinationKeyOf } from './destination-rules.ts';
import { type MergedSource, NAMED_SECTIONS } from './merged-source.ts';
import { nearest } from './nearest.ts';
import type { Report } from './rule.ts';
import { checkService } from './service-rules.ts';
import { checkVrrp } from './vrrp-rules.ts';
import type { YamlSource } from './yaml-source.ts';

/** What is wrong between fields that are right by themselves, and everything that is given twice. */
export function findBrokenRules(merged: MergedSource, sources: readonly YamlSource[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, message) => problems.push(merged.writtenProblem(path, message));
  const { value, layout } = merged.reading;
  const byService = Map.groupBy(layout, ({ path }) => path[1]);
  listOf(value.services).forEach((service, index) => {
    checkService(service, ['services', index], report, byService.get(index) ?? []);
    checkGroupNames(service, value.groups, ['services', index], report);
  });
  checkGroups(value.groups, report);
  checkChecks(value, report);
  checkApi(value.api, report);
  checkFifos(value.notify, merged, report);
  checkServices(layout, merged, report);
  const services = new Set(layout.map(({ id }) => serviceKey(id)));
  checkVrrp(value, services, (places) => checkUnique(places, merged, report), report);
  return [...problems, ...sectionsGivenTwice(sources)];
}

function checkServices(layout: readonly LaidOutService[], merged: MergedSource, report: Report): void {
  const places = layout.map(({ id, written }) => ({ key: serviceKey(id), path: written }));
  checkUnique(places, merged, report);
  const done = new Set<LaidOutService['destinations']>();
  for (const { path, destinations } of layout) {
    if (done.has(destinations)) continue;
    done.add(destinations);
    const sorry = [...path, 'sorry-server'];
    const keys = destinations.map(({ path, value }) => ({
      key: destinationKeyOf(value),
      path: [...path, 'address'],
    }));
    const value = fieldOf(listOf(merged.reading.value.services)[Number(path[1])], 'sorry-server');
    checkUnique([...keys, { key: destinationKeyOf(value), path: [...sorry, 'address'] }], merged, report);
  }
}

/** Reports every key but the first of its kind. */
function checkUnique(
  places: readonly { readonly key: string | undefined; readonly path: ConfigPath }[],
  merged: MergedSource,
  report: Report,
): void {
  const seen = new Map<string, ConfigPath>();
  for (const { key, path } of places) {
    if (key === undefined) continue;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, path);
    else report(path, `${key} is already given in ${merged.placeOf(first, path)}`);
  }
}

function checkGroupNames(service: unknown, groups: unknown, path: ConfigPath, report: Report): void {
  const given = fieldOf(service, 'group');
  const names: readonly unknown[] = Array.isArray(given) ? given : [given];
  const known = isMapping(groups) ? Object.keys(groups) : [];
  names.forEach((name, index) => {
    if (typeof name !== 'string' || known.includes(name)) return;
    const meant = nearest(name, known);
    const others =
      known.length === 0 ? 'the file has no groups' : `there are ${known.slice(0, 20).join(', ')}`;
    report(
      [...path, 'group', ...(Array.isArray(given) ? [index] : [])],
      `there is no group ${JSON.stringify(name)}; ${meant === undefined ? others : `did you mean ${meant}?`}`,
    );
  });
}

function checkGroups(groups: unknown, report: Report): void {
  for (const name of isMapping(groups) ? Object.keys(groups) : []) {
    listOf(fieldOf(groups, name)).forEach((destination, index) => {
      checkDestination(destination, ['groups', name, index], report);
    });
  }
}

function checkApi(api: unknown, report: Report): void {
  const listen = fieldOf(api, 'listen');
  const endpoint = typeof listen === 'string' ? parseHostPort(listen) : undefined;
  if (endpoint === undefined || fieldOf(api, 'token-file') !== undefined) return;
  if (/^(?:127\.|::1$|::ffff:127\.)/.test(endpoint.address)) return;
  report(['api', 'listen'], `${endpoint.address} is not a loopback address, which needs a token-file`);
}

function checkFifos(notify: unknown, merged: MergedSource, report: Report): void {
  const places = listOf(fieldOf(notify, 'fifos')).map((fifo, index) => {
    const path = fieldOf(fifo, 'path');
    return { key: typeof path === 'string' ? path : undefined, path: ['notify', 'fifos', index, 'path'] };
  });
  checkUnique(places, merged, report);
}

/** A name may have one meaning only, in whichever file. */
function sectionsGivenTwice(sources: readonly YamlSource[]): ConfigProblem[] {
  return NAMED_SECTIONS.flatMap((section) => {
    const seen = new Map<string, YamlSource>();
    return sources.flatMap((source) => {
      const given = fieldOf(source.value, section);
      return (isMapping(given) ? Object.keys(given) : []).flatMap((name) => {
        const first = seen.get(name);
        if (first === undefined) {
          seen.set(name, source);
          return [];
        }
        const place = `${first.file}, line ${first.lineOf([section, name])}`;
        return [source.keyProblem([section, name], `is already given in ${place}`)];
      });
    });
  });
}
