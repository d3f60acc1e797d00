import { describeChange } from '../realserver/change/change-handlers.ts';
import type { Requirement } from '../realserver/requirement/requirement.ts';
import type { SetUp } from '../realserver/set-up.ts';
import type { UndoneChange } from '../realserver/undo.ts';

interface Form {
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** What `vipr realserver check` prints. */
export function formatCheck(requirements: readonly Requirement[], json: boolean): string {
  if (json) return toJson({ requirements: requirements.map(requirementJson) });
  return requirements.map(requirementLines).join('');
}

/** What `vipr realserver setup` prints: what was changed, and what is not right all the same. */
export function formatSetUp({ changes, requirements }: SetUp, { json, dryRun }: Form): string {
  const described = changes.map((change) => ({ ...change, text: describeChange(change) }));
  if (json) return toJson({ dryRun, changes: described, requirements: requirements.map(requirementJson) });
  const verb = dryRun ? 'would set' : 'set';
  const done = described.map(({ text }) => `${verb}  ${text}\n`).join('');
  // What a dry run would mend is said already.
  const left = requirements.filter(
    ({ state, changes: mended = [] }) => state !== 'ok' && !(dryRun && mended.length > 0),
  );
  const nothing = dryRun ? 'nothing to change\n' : 'nothing was to change\n';
  return `${done === '' ? nothing : done}${left.map(requirementLines).join('')}`;
}

/** What `vipr realserver undo` prints. */
export function formatUndo(undone: readonly UndoneChange[] | undefined, { json, dryRun }: Form): string {
  const described = (undone ?? []).map(({ change, result, why }) => {
    return { ...change, text: describeChange(change), result, ...(why === undefined ? {} : { why }) };
  });
  if (json) return toJson({ dryRun, undone: described });
  if (described.length === 0) return 'nothing to undo\n';
  return described.map((each) => `${undoneLine(each, dryRun)}\n`).join('');
}

interface DescribedUndone extends Pick<UndoneChange, 'result' | 'why'> {
  readonly text: string;
}

function undoneLine({ text, result, why }: DescribedUndone, dryRun: boolean): string {
  switch (result) {
    case 'undone':
      return `${dryRun ? 'would undo' : 'undone'}  ${text}`;
    case 'absent':
      return `gone    ${text}: it was not there any more`;
    case 'left':
      return `left    ${text}: ${why}`;
    default:
      throw new Error(`unknown result ${result satisfies never}`);
  }
}

function requirementLines({ state, text, advice }: Requirement): string {
  const line = `${state.padEnd(7)} ${text}\n`;
  return state === 'ok' || advice === undefined ? line : `${line}        ${advice}\n`;
}

function requirementJson({ id, state, text, advice }: Requirement) {
  return { id, state, text, ...(advice === undefined ? {} : { advice }) };
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
