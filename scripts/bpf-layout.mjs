/**
 * C that makes the compiler describe a header: a global of each struct and enum, and each number that is defined in an enum of
 * its own, as macros leave no trace otherwise.
 * @param {string} header
 */
export function layoutSource(header) {
  const names = (pattern) => [...header.matchAll(pattern)].map(([, name]) => name);
  const defines = names(/^#define (\w+) [^\n]/gm);
  return [
    '#include <linux/types.h>',
    '#include "abi.h"',
    `enum defines { ${defines.map((name) => `DEFINED_${name} = ${name},`).join(' ')} };`,
    'enum defines the_defines;',
    ...names(/^struct (\w+) \{/gm).map((name) => `struct ${name} the_struct_${name};`),
    ...names(/^enum (\w+) \{/gm).map((name) => `enum ${name} the_enum_${name};`),
    '',
  ].join('\n');
}

/**
 * The TypeScript module with the sizes and offsets of all structs and with all numbers that the BTF of an object names
 * (Documentation/bpf/btf.rst).
 * @param {Buffer} object
 */
export function layoutModule(object) {
  const types = readTypes(section(object, '.BTF'));
  const structs = types.filter(({ kind, name }) => kind === KIND_STRUCT && name !== '');
  const enums = types.filter(({ kind }) => kind === KIND_ENUM);
  const numbers = enums.flatMap(({ members }) =>
    members.map(({ name, value }) => [name.replace(/^DEFINED_/, ''), value]),
  );
  return [
    '// Made by `npm run build:bpf` from bpf/abi.h; not to be edited.',
    '',
    '/** Bytes of each struct. */',
    constant(
      'SIZE',
      structs.map(({ name, size }) => [name, size]),
    ),
    '/** Bytes from the start of a struct to each of its fields. */',
    'export const OFFSET = {',
    ...structs.map(
      ({ name, members }) =>
        `  ${name}: {\n${members.map((member) => `    ${member.name}: ${member.offset},\n`).join('')}  },`,
    ),
    '} as const;',
    '',
    ...numbers.map(([name, value]) => `export const ${name} = ${value};`),
    '',
  ].join('\n');
}

function constant(name, entries) {
  return `export const ${name} = {\n${entries.map(([key, value]) => `  ${key}: ${value},\n`).join('')}} as const;\n`;
}

const KIND_ARRAY = 3;
const KIND_STRUCT = 4;
const KIND_UNION = 5;
const KIND_ENUM = 6;
const KIND_FUNC_PROTO = 13;
const KIND_DATASEC = 15;
const KIND_ENUM64 = 19;
/** Bytes that follow `struct btf_type`: for each member, or once. */
const TRAILER = { [KIND_FUNC_PROTO]: 8, [KIND_DATASEC]: 12, [KIND_ENUM64]: 12, [KIND_UNION]: 12 };
const ONCE = { 1: 4, [KIND_ARRAY]: 12, 14: 4, 17: 4 };

function readTypes(btf) {
  const headerLength = btf.readUInt32LE(4);
  const start = headerLength + btf.readUInt32LE(8);
  const end = start + btf.readUInt32LE(12);
  const strings = headerLength + btf.readUInt32LE(16);
  const text = (offset) => btf.toString('latin1', strings + offset, btf.indexOf(0, strings + offset));
  const types = [];
  for (let at = start; at < end; ) {
    const info = btf.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    const signed = info >>> 31 === 1;
    const type = { kind, name: text(btf.readUInt32LE(at)), size: btf.readUInt32LE(at + 8), members: [] };
    at += 12;
    for (let member = 0; member < count; member++) {
      if (kind === KIND_STRUCT) {
        type.members.push({ name: text(btf.readUInt32LE(at)), offset: btf.readUInt32LE(at + 8) / 8 });
        at += 12;
      } else if (kind === KIND_ENUM) {
        const value = signed ? btf.readInt32LE(at + 4) : btf.readUInt32LE(at + 4);
        type.members.push({ name: text(btf.readUInt32LE(at)), value });
        at += 8;
      } else {
        at += TRAILER[kind] ?? 0;
      }
    }
    at += ONCE[kind] ?? 0;
    types.push(type);
  }
  return types;
}

/** A section of an ELF file, by its name (System V ABI, ELF-64 Object File Format). */
function section(object, name) {
  const headers = Number(object.readBigUInt64LE(0x28));
  const header = (index) => object.subarray(headers + index * 64, headers + index * 64 + 64);
  const content = (bytes) => {
    const offset = Number(bytes.readBigUInt64LE(24));
    return object.subarray(offset, offset + Number(bytes.readBigUInt64LE(32)));
  };
  const names = content(header(object.readUInt16LE(0x3e)));
  for (let index = 0; index < object.readUInt16LE(0x3c); index++) {
    const start = header(index).readUInt32LE(0);
    if (names.toString('latin1', start, names.indexOf(0, start)) === name) return content(header(index));
  }
  throw new Error(`the object has no section ${name}`);
}
