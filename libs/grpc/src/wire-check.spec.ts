import { create, type DescMessage, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it, test } from '@jest/globals';
import * as generated from './generated.js';
import { fileV1, guardV1, intakeV1, parkedV1, telephonyV1 } from './generated.js';
import { LIMITED } from './limits.js';
import { wireProblem } from './wire-check.js';

const { AuthorizeRequestSchema } = guardV1;
const { RecordAccountRequestSchema, SubmitBatchRequestSchema } = intakeV1;
const emptyFacts = (count: number) => Buffer.alloc(2 * count).fill(Buffer.from([10, 0]));
const textBytes = (schema: DescMessage, length: number) =>
  toBinary(schema, create(schema, { [schema.fields[0]!.localName]: 'x'.repeat(length) } as never));

describe('a request', () => {
  it('of as many empty facts as a batch may have is taken, one more is not, nor two million', () => {
    expect(wireProblem(SubmitBatchRequestSchema, emptyFacts(10_000))).toBeNull();
    for (const count of [10_001, 2_000_000])
      expect(wireProblem(SubmitBatchRequestSchema, emptyFacts(count))).toMatchObject({
        kind: 'too-large',
        text: 'facts[10000]: is one more than the 10000 that are taken',
      });
  });

  test.each([
    ['accounts to judge', AuthorizeRequestSchema, { accountIds: Array.from({ length: 101 }, () => '') }],
    [
      'corrected fields',
      parkedV1.RedriveRequestSchema,
      { corrected: Array.from({ length: 201 }, () => ({ name: '', value: '' })) },
    ],
    [
      'names of columns, which are a map',
      fileV1.BeginRequestSchema,
      { columns: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`c${i}`, ''])) },
    ],
  ])('with too many %s is refused', (_, schema: DescMessage, value) => {
    expect(wireProblem(schema, toBinary(schema, create(schema, value as never)))).toMatchObject({ kind: 'too-large' });
  });

  it('is refused above the size of its kind, also inside another', () => {
    const record = (size: number) => create(RecordAccountRequestSchema, { name: 'x'.repeat(size) });
    const batch = (size: number) =>
      toBinary(
        SubmitBatchRequestSchema,
        create(SubmitBatchRequestSchema, { facts: [{ fact: { case: 'account', value: record(size) } }] }),
      );
    expect(wireProblem(RecordAccountRequestSchema, toBinary(RecordAccountRequestSchema, record(262_000)))).toBeNull();
    expect(wireProblem(RecordAccountRequestSchema, toBinary(RecordAccountRequestSchema, record(262_144)))).toEqual({
      kind: 'too-large',
      text: 'message: has 262148 bytes, at most 262144 are taken',
    });
    expect(wireProblem(SubmitBatchRequestSchema, batch(262_000))).toBeNull();
    expect(wireProblem(SubmitBatchRequestSchema, batch(300_000))).toMatchObject({ kind: 'too-large' });
    expect(wireProblem(telephonyV1.SettleRequestSchema, textBytes(telephonyV1.SettleRequestSchema, 70_000))).toEqual({
      kind: 'too-large',
      text: expect.stringContaining('at most 65536'),
    });
  });

  it('that says a field twice is none: what is merged would pass every count', () => {
    const twice = Buffer.from([10, 1, 65, 10, 1, 66]);
    expect(wireProblem(RecordAccountRequestSchema, twice)).toEqual({
      kind: 'broken',
      text: 'bank_event_id: is there twice',
    });
  });

  it('may say a little that we do not know, not any amount of it', () => {
    const unknown = (count: number) => Buffer.concat(Array.from({ length: count }, () => Buffer.from([0xf8, 0x7f, 0])));
    expect(wireProblem(SubmitBatchRequestSchema, unknown(1_000))).toBeNull();
    expect(wireProblem(SubmitBatchRequestSchema, unknown(1_001))).toMatchObject({ kind: 'too-large' });
  });
});

describe('the limits', () => {
  const schemas = Object.values(generated).flatMap((file) =>
    Object.values(file).filter(
      (each): each is DescMessage => typeof each === 'object' && 'kind' in each && each.kind === 'message',
    ),
  );

  it('are of messages that there are', () => {
    const names = schemas.map(({ typeName }) => typeName);
    expect(LIMITED.filter((name) => !names.includes(name))).toEqual([]);
  });
});
