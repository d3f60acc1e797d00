/** Bytes that no header describes, as lower-case hexadecimal digits. */
export interface Data {
  readonly layer: 'data';
  readonly hex: string;
}

/** Text, or bytes. */
export function data(content: string | Uint8Array): Data {
  return { layer: 'data', hex: Buffer.from(content as string).toString('hex') };
}
