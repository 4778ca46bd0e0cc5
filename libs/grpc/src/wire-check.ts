/**
 * Reads the tags of a protobuf message without its values: the decoder itself takes a field of the wrong wire type for its
 * length and goes on in the middle of another, and of what it cannot read it does not say where.
 */
import { isUtf8 } from 'node:buffer';
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { mostBytes, mostItems } from './limits.js';

/** The messages of the contracts are flat; whatever is deeper was not made by them. */
const DEEPEST = 8;
/** Fields that a newer contract may have, in the whole message. */
const MOST_UNKNOWN = 1_000;
const LARGEST_FIELD = 2 ** 29 - 1;

export interface WireProblem {
  readonly kind: 'broken' | 'too-large';
  /** The field and what is wrong with it. */
  readonly text: string;
}

class Broken extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
    readonly kind: WireProblem['kind'] = 'broken',
  ) {
    super(reason);
  }
}

interface Walk {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  /** Fields so far that nobody knows, of the whole message. */
  readonly unknown: { count: number };
}

/** @returns the field that is broken and how, or null when every tag is one of the message or unknown to it, texts are UTF-8 and nothing is too much. */
export const wireProblem = (schema: DescMessage, bytes: Uint8Array): WireProblem | null => {
  try {
    check(schema, { bytes, at: 0, end: bytes.length, unknown: { count: 0 } }, '', 0);
    return null;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { kind: error.kind, text: `${error.path || 'message'}: ${error.reason}` };
  }
};

const check = (schema: DescMessage, walk: Walk, path: string, depth: number): void => {
  if (depth > DEEPEST) throw new Broken(path, `is nested deeper than ${DEEPEST}`, 'too-large');
  const [size, most] = [walk.end - walk.at, mostBytes(schema)];
  if (size > most) throw new Broken(path, `has ${size} bytes, at most ${most} are taken`, 'too-large');
  const fields = fieldsOf(schema);
  const seen = new Map<number, number>();
  while (walk.at < walk.end) {
    const tag = varint(walk, path);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    const field = fields.get(number);
    const here = (): string => {
      const name = field?.name ?? `field ${number}`;
      const list = field?.fieldKind === 'list' ? `[${seen.get(number) ?? 0}]` : '';
      return `${path === '' ? '' : `${path}.`}${name}${list}`;
    };
    if (number < 1 || number > LARGEST_FIELD) throw new Broken(path, `has a tag of no field (${number})`);
    if (field !== undefined && !wiresOf(field).includes(wire))
      throw new Broken(here(), `has wire type ${wire}, not ${wiresOf(field).join(' or ')}`);
    const value = skip(walk, wire, here);
    if (field !== undefined && isText(field) && !isUtf8(walk.bytes.subarray(value.at, value.end)))
      throw new Broken(here(), 'is not UTF-8');
    if (field === undefined) {
      if (++walk.unknown.count > MOST_UNKNOWN)
        throw new Broken(
          here(),
          `is one more than the ${MOST_UNKNOWN} unknown fields that are passed over`,
          'too-large',
        );
      continue;
    }
    const many = (seen.get(number) ?? 0) + itemsIn(field, wire, value);
    // Twice the same message is merged by a decoder: lists of it would grow past their counts.
    if (!isMany(field) && many > 1) throw new Broken(here(), 'is there twice');
    if (isMany(field) && many > mostItems(schema, field.name))
      throw new Broken(here(), `is one more than the ${mostItems(schema, field.name)} that are taken`, 'too-large');
    const inner = field.fieldKind === 'map' ? undefined : field.message;
    if (inner !== undefined) check(inner, { ...walk, ...value }, here(), depth + 1);
    seen.set(number, many);
  }
};

const isMany = (field: DescField): boolean => field.fieldKind === 'list' || field.fieldKind === 'map';

/** Packed numbers are at least a byte each. */
const itemsIn = (
  field: DescField,
  wire: number,
  { at, end }: { readonly at: number; readonly end: number },
): number => {
  const isPacked =
    field.fieldKind === 'list' && wire === WireType.LengthDelimited && !wiresOf(field).every((w) => w === wire);
  return isPacked ? end - at : 1;
};

const skip = (walk: Walk, wire: number, here: () => string): { readonly at: number; readonly end: number } => {
  const at = walk.at;
  if (wire === WireType.Varint) varint(walk, here);
  else if (wire === WireType.Bit32) walk.at += 4;
  else if (wire === WireType.Bit64) walk.at += 8;
  else if (wire === WireType.LengthDelimited) {
    const length = varint(walk, here);
    const from = walk.at;
    walk.at += length;
    if (walk.at > walk.end) throw new Broken(here(), `is cut off: ${walk.end - from} of ${length} bytes are there`);
    return { at: from, end: walk.at };
  } else throw new Broken(here(), `has wire type ${wire}, which no message uses`);
  if (walk.at > walk.end) throw new Broken(here(), 'is cut off');
  return { at, end: walk.at };
};

const varint = (walk: Walk, path: string | (() => string)): number => {
  let value = 0;
  for (let shift = 0; shift < 10; shift++) {
    if (walk.at >= walk.end) break;
    const byte = walk.bytes[walk.at++]!;
    value += (byte & 0x7f) * 2 ** (7 * shift);
    if (byte < 0x80) return value;
  }
  const where = typeof path === 'string' ? path : path();
  throw new Broken(where, walk.at >= walk.end ? 'is cut off' : 'has a number of more than 64 bits');
};

const known = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();
const fieldsOf = (schema: DescMessage): ReadonlyMap<number, DescField> => {
  const fields = known.get(schema) ?? new Map(schema.fields.map((field) => [field.number, field]));
  known.set(schema, fields);
  return fields;
};

const isText = (field: DescField): boolean => field.fieldKind !== 'map' && field.scalar === ScalarType.STRING;

const wiresOf = (field: DescField): readonly number[] => {
  if (field.fieldKind === 'map' || field.message !== undefined) return [WireType.LengthDelimited];
  const own = field.scalar === undefined ? WireType.Varint : wireOf(field.scalar);
  return field.fieldKind === 'list' && own !== WireType.LengthDelimited ? [own, WireType.LengthDelimited] : [own];
};

const wireOf = (scalar: ScalarType): number => {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
};
