/** RFC 9293 section 3.2, RFC 7323, RFC 2018. */
export type TcpOption =
  | { readonly kind: 'no-operation' }
  | { readonly kind: 'maximum-segment-size'; readonly bytes: number }
  | { readonly kind: 'window-scale'; readonly shift: number }
  | { readonly kind: 'sack-permitted' }
  | { readonly kind: 'timestamps'; readonly value: number; readonly echo: number }
  | { readonly kind: 'other'; readonly number: number; readonly hex: string }
  /** Not readable as options, or an end of options that is more than padding. */
  | { readonly kind: 'rest'; readonly hex: string };

/** Padded with zeros to a multiple of 4 bytes. */
export function encodeTcpOptions(options: readonly TcpOption[]): Buffer {
  const bytes = Buffer.concat(options.map(encodeTcpOption));
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** Padding of up to 3 bytes is left out. */
export function decodeTcpOptions(bytes: Buffer): readonly TcpOption[] {
  const options: TcpOption[] = [];
  let at = 0;
  while (at < bytes.length) {
    const number = bytes.readUInt8(at);
    const length = number === 1 ? 1 : (bytes[at + 1] ?? 0);
    if (number === 0 || (number !== 1 && length < 2) || at + length > bytes.length) break;
    options.push(decodeTcpOption(number, bytes.subarray(at + 2, at + length)));
    at += length;
  }
  const rest = bytes.subarray(at);
  if (rest.length < 4 && rest.every((byte) => byte === 0)) return options;
  return [...options, { kind: 'rest', hex: rest.toString('hex') }];
}

function encodeTcpOption(option: TcpOption): Buffer {
  switch (option.kind) {
    case 'no-operation':
      return Buffer.of(1);
    case 'maximum-segment-size':
      return Buffer.of(2, 4, option.bytes >> 8, option.bytes & 0xff);
    case 'window-scale':
      return Buffer.of(3, 3, option.shift);
    case 'sack-permitted':
      return Buffer.of(4, 2);
    case 'timestamps': {
      const bytes = Buffer.alloc(10);
      bytes.set([8, 10]);
      bytes.writeUInt32BE(option.value, 2);
      bytes.writeUInt32BE(option.echo, 6);
      return bytes;
    }
    case 'other': {
      const value = Buffer.from(option.hex, 'hex');
      return Buffer.concat([Buffer.of(option.number, 2 + value.length), value]);
    }
    case 'rest':
      return Buffer.from(option.hex, 'hex');
    default:
      throw new Error(`unknown TCP option ${JSON.stringify(option satisfies never)}`);
  }
}

function decodeTcpOption(number: number, value: Buffer): TcpOption {
  const known = `${number}/${value.length}`;
  if (number === 1) return { kind: 'no-operation' };
  if (known === '2/2') return { kind: 'maximum-segment-size', bytes: value.readUInt16BE(0) };
  if (known === '3/1') return { kind: 'window-scale', shift: value.readUInt8(0) };
  if (known === '4/0') return { kind: 'sack-permitted' };
  if (known === '8/8')
    return { kind: 'timestamps', value: value.readUInt32BE(0), echo: value.readUInt32BE(4) };
  return { kind: 'other', number, hex: value.toString('hex') };
}
