/** Whether two plain values are equal: objects, arrays, maps, bytes and patterns by what is in them. Absent and undefined are alike. */
export function sameData(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Number.isNaN(one) && Number.isNaN(other);
  }
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => sameData(value, other[index]));
  }
  if (one instanceof RegExp && other instanceof RegExp) {
    return one.source === other.source && one.flags === other.flags;
  }
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0;
  if (one instanceof Map && other instanceof Map) {
    if (one.size !== other.size) return false;
    for (const [name, value] of one) if (!other.has(name) || !sameData(value, other.get(name))) return false;
    return true;
  }
  return sameFields(one as Fields, other as Fields) && sameFields(other as Fields, one as Fields, true);
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether the fields of one object are in the other; `absent` looks only at those that are undefined in the second. */
function sameFields(one: Fields, other: Fields, absent = false): boolean {
  for (const name in one) {
    if (absent ? one[name] !== undefined && other[name] === undefined : !sameData(one[name], other[name]))
      return false;
  }
  return true;
}
