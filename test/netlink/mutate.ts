import fc from 'fast-check';

/** The bytes with a few of them changed, or with an end cut off or grown: what a decoder must survive. */
export function mutationOf(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.integer({ min: 0, max: bytes.length - 1 });
  const edits = fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  const length = fc.oneof(fc.constant(bytes.length), fc.integer({ min: 0, max: bytes.length + 8 }));
  return fc.tuple(edits, length).map(([changes, end]) => {
    const mutated = new Uint8Array(end);
    mutated.set(bytes.subarray(0, end));
    for (const [at, value] of changes) if (at < end) mutated[at] = value;
    return mutated;
  });
}
