/** A global variable in a section of constants. */
export interface Constant {
  /** `.rodata`, or `.rodata.something`. */
  readonly section: string;
  readonly offset: number;
  readonly size: number;
}

const SHT_SYMTAB = 2;
const STT_OBJECT = 1;

interface Section {
  readonly name: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/**
 * The `const volatile` globals of a compiled object, by the symbol table of its ELF file (System V ABI, ELF-64 Object File
 * Format). Something that is no such file has none; libbpf says why before.
 */
export function readConstants(bytes: Uint8Array): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = readSections(view);
  const names = sections[view.getUint16(0x3e, true)];
  const symbols = sections.find(({ type }) => type === SHT_SYMTAB);
  const symbolNames = symbols && sections[symbols.link];
  if (names === undefined || symbols === undefined || symbolNames === undefined) return constants;
  for (let at = symbols.offset; at + 24 <= symbols.offset + symbols.size; at += 24) {
    const section = sections[view.getUint16(at + 6, true)];
    if ((view.getUint8(at + 4) & 0xf) !== STT_OBJECT || section === undefined) continue;
    const sectionName = readText(bytes, names.offset + section.name);
    if (!/^\.rodata(\.(?!str)|$)/.test(sectionName)) continue;
    constants.set(readText(bytes, symbolNames.offset + view.getUint32(at, true)), {
      section: sectionName,
      offset: Number(view.getBigUint64(at + 8, true)),
      size: Number(view.getBigUint64(at + 16, true)),
    });
  }
  return constants;
}

function readSections(view: DataView): readonly Section[] {
  const start = Number(view.getBigUint64(0x28, true));
  const count = view.getUint16(0x3c, true);
  return Array.from({ length: count }, (_, index) => start + 64 * index).map((at) => ({
    name: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    offset: Number(view.getBigUint64(at + 24, true)),
    size: Number(view.getBigUint64(at + 32, true)),
    link: view.getUint32(at + 40, true),
  }));
}

function readText(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0, start);
  return new TextDecoder('latin1').decode(bytes.subarray(start, end < 0 ? bytes.length : end));
}
