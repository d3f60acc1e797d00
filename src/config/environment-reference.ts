/** Variables by name, as process.env has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Told of each reference that cannot be resolved: the how manyeth of the text it is, from 0, and what is wrong. */
export type ReferenceReport = (index: number, message: string) => void;

/** References to the environment, and doubled dollars. */
export const REFERENCE = /\$\$|\$\{[^}]*\}?/g;

/**
 * A text with `${NAME}` replaced by the variable of that name, `${NAME:-default}` by the default where there is none or it is empty, and
 * `$$` by a dollar; other dollars stand for themselves. What is reported stays as it is.
 */
export function expandReferences(text: string, environment: Environment, report: ReferenceReport): string {
  let index = -1;
  return text.replace(REFERENCE, (reference) => {
    index += 1;
    if (reference === '$$') return '$';
    const [, name, preset] = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}$/.exec(reference) ?? [];
    if (name === undefined) {
      const forms = 'write $' + '{NAME} or $' + '{NAME:-default}, and $$ for a dollar';
      report(index, `${reference} is not a reference to the environment: ${forms}`);
      return reference;
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (preset !== undefined) return value || preset;
    if (value === undefined) {
      report(index, `the environment has no ${name}: set it, or give a default, $\{${name}:-default}`);
      return reference;
    }
    return value;
  });
}

/** A text that {@link expandReferences} turns into this one. */
export function escapeReferences(text: string): string {
  return text.replaceAll('$', '$$$$');
}
