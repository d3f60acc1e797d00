import { BARE_TYPES, CHECK_TYPES } from './check-schema.ts';
import { fieldOf, isMapping, listOf } from './config-layout.ts';
import type { ConfigPath } from './config-problem.ts';
import { bodyMapping, requestFields } from './http-check-schema.ts';
import { nearest } from './nearest.ts';
import { type Report, read } from './rule.ts';

/** What must hold of the checks of the file: those with names, and those of services and destinations. */
export function checkChecks(file: unknown, report: Report): void {
  const named = fieldOf(file, 'checks');
  const names = isMapping(named) ? Object.keys(named) : [];
  for (const name of names) {
    const path = ['checks', name];
    if (isType(name)) report(path, `${name} is the name of a type of check: give this one another name`);
    checkCheck(fieldOf(named, name), path, report);
  }
  const checkAll = (owner: unknown, path: ConfigPath) => {
    listOf(fieldOf(owner, 'checks')).forEach((check, index) => {
      const place = [...path, 'checks', index];
      if (typeof check === 'string') checkName(check, names, place, report);
      else checkCheck(check, place, report);
    });
  };
  listOf(fieldOf(file, 'services')).forEach((service, index) => {
    const path = ['services', index];
    checkAll(service, path);
    listOf(fieldOf(service, 'destinations')).forEach((destination, inner) => {
      checkAll(destination, [...path, 'destinations', inner]);
    });
  });
  const groups = fieldOf(file, 'groups');
  for (const name of isMapping(groups) ? Object.keys(groups) : []) {
    listOf(fieldOf(groups, name)).forEach((destination, index) => {
      checkAll(destination, ['groups', name, index]);
    });
  }
}

function checkName(name: string, names: readonly string[], path: ConfigPath, report: Report): void {
  if (names.includes(name) || BARE_TYPES.includes(name)) return;
  if (isType(name)) {
    report(path, `a check of type ${name} needs more than its type: write a mapping`);
    return;
  }
  const meant = nearest(name, [...names, ...BARE_TYPES]);
  const proposal =
    meant === undefined ? `there are ${[...names, ...BARE_TYPES].join(', ')}` : `did you mean ${meant}?`;
  report(path, `there is no check ${JSON.stringify(name)}; ${proposal}`);
}

/** What must hold between the fields of one check. */
function checkCheck(value: unknown, path: ConfigPath, report: Report): void {
  if (!isMapping(value)) return;
  if (value.type === 'udp') {
    if (value.payload !== undefined && value['payload-hex'] !== undefined) {
      report([...path, 'payload-hex'], 'is given beside payload: give one of them');
    }
    const [least, most] = [value['min-reply-length'], value['max-reply-length']];
    if (typeof least === 'number' && typeof most === 'number' && least > most) {
      report([...path, 'min-reply-length'], `${least} is above max-reply-length, ${most}`);
    }
  }
  if (value.type !== 'http') return;
  checkBody(value.body, [...path, 'body'], report);
  const requests = listOf(value.requests);
  if (requests.length === 0) return;
  for (const key of Object.keys(requestFields)) {
    if (value[key] !== undefined) {
      report([...path, key], 'is given beside requests: give it in each of them');
    }
  }
  requests.forEach((request, index) => {
    checkBody(fieldOf(request, 'body'), [...path, 'requests', index, 'body'], report);
  });
}

function checkBody(value: unknown, path: ConfigPath, report: Report): void {
  if (!isMapping(value)) return;
  const { shape } = bodyMapping;
  const least = read(shape['min-offset'], value['min-offset']);
  const most = read(shape['max-offset'], value['max-offset']);
  if (least !== undefined && most !== undefined && least > most) {
    report([...path, 'min-offset'], `${least} is above max-offset, ${most}`);
  }
}

function isType(name: string): boolean {
  return CHECK_TYPES.some((type) => type === name);
}
