import { familyOf } from '../model/address.ts';
import type { Draft } from './draft.ts';
import {
  COMMAND_RULES,
  type CommandName,
  OPTIONS,
  type OptionName,
  type OptionRules,
  TUNNEL_RULES,
} from './grammar.ts';
import { Refusal } from './refusal.ts';

/** Checks which options go with which, in the original's order; throws a {@link Refusal}. */
export function checkOptions(command: CommandName, draft: Draft): void {
  checkRules('command', command, COMMAND_RULES[command], OPTIONS, draft.given);
  if (command === 'add-service' || command === 'edit-service') checkService(draft);
  else if (command === 'add-server' || command === 'edit-server') checkServer(draft);
  else if (command === 'list') checkList(draft.given);
}

function checkRules(
  what: string,
  name: string,
  rules: OptionRules,
  options: readonly OptionName[],
  given: ReadonlySet<OptionName>,
): void {
  let earlier: OptionName | undefined;
  for (const option of options) {
    const required = rules.required?.includes(option) ?? false;
    const exclusive = rules.exclusive?.includes(option) ?? false;
    if (!given.has(option)) {
      if (required) throw new Refusal(`You need to supply the '${option}' option for the '${name}' ${what}`);
      continue;
    }
    if (!required && !exclusive && !rules.allowed?.includes(option)) {
      throw new Refusal(`Illegal '${option}' option with the '${name}' ${what}`);
    }
    if (!exclusive) continue;
    if (earlier !== undefined) {
      throw new Refusal(
        `The option '${option}' conflicts with the '${earlier}' option in the '${name}' ${what}`,
      );
    }
    earlier = option;
  }
}

function checkService(draft: Draft): void {
  if (draft.fwmark === undefined && draft.port === 0 && draft.persistenceTimeout === undefined) {
    throw new Refusal('Zero port specified for non-persistent service');
  }
  if (draft.onePacket && draft.fwmark === undefined && draft.protocol !== 'udp') {
    throw new Refusal('One-Packet Scheduling is only for UDP virtual services');
  }
}

const TUNNEL_OPTIONS = [
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
] as const satisfies OptionName[];

function checkServer(draft: Draft): void {
  const tunnelled = draft.forwarding === 'tunnel';
  if (familyOf(draft.destination.address) !== draft.family && !tunnelled) {
    throw new Refusal('Different address family is allowed only for tunneling servers');
  }
  if (!tunnelled && TUNNEL_OPTIONS.some((option) => draft.given.has(option))) {
    throw new Refusal('Tunnel options conflict with forward method');
  }
  const allowed = { allowed: ['tun-type'], ...TUNNEL_RULES[draft.tunnelType] } as const;
  checkRules('tunnel type', draft.tunnelType, allowed, TUNNEL_OPTIONS, draft.given);
}

function checkList(given: ReadonlySet<OptionName>): void {
  const plain = given.has('timeout') || given.has('daemon');
  if (!plain && !given.has('connection')) return;
  if (
    given.has('stats') ||
    given.has('rate') ||
    given.has('thresholds') ||
    (plain && given.has('persistent-conn'))
  ) {
    throw new Refusal('options conflicts in the list command');
  }
}
