import { describe, expect, it, test } from '@jest/globals';
import { parse } from 'yaml';
import { FIELDS, KINDS, MANDATORY } from '../../bank-record/columns.js';
import type { RecordKind } from '../../bank-record/record.js';
import { validate } from '../../bank-record/validate.js';
import { FRAME } from '../../testing/samples.js';
import { asyncApiOfBank, asyncApiText } from './asyncapi.js';
import { readBankEvent } from './bank-event.js';
import { FIELD_SHAPES } from './field-shapes.js';

const example = (kind: RecordKind) => ({
  record: kind,
  ...Object.fromEntries(FIELDS[kind].map((field) => [field, FIELD_SHAPES[field]!.example])),
});
const cases = KINDS.flatMap((kind) => FIELDS[kind].map((field) => [kind, field] as const));

describe('what the document says of the fields', () => {
  test.each(KINDS)('is what the validator takes: the examples of %s', (kind) => {
    expect(validate(example(kind), FRAME)).toMatchObject({ ok: true });
  });

  test.each(cases)('%s.%s is refused where it is not of its shape', (kind, field) => {
    const { shape } = FIELD_SHAPES[field]!;
    const result = validate({ ...example(kind), [field]: shape === 'text' ? 'a\u0000b' : '|x|||||' }, FRAME);
    expect(result.ok ? [] : result.problems.map((problem) => problem.field)).toContain(field);
  });

  test.each(KINDS)('are all of %s, and the mandatory ones are required', (kind) => {
    const schema = (
      asyncApiOfBank() as { components: { schemas: Record<string, { properties: object; required: string[] }> } }
    ).components.schemas[`${kind}-data`]!;
    expect(Object.keys(schema.properties)).toEqual(FIELDS[kind]);
    expect([...schema.required, 'bank_event_id'].sort()).toEqual([...MANDATORY[kind]].sort());
  });
});

describe('the document', () => {
  interface Message {
    readonly examples: readonly { readonly headers: Record<string, string>; readonly payload: object }[];
  }

  it('reads in YAML as it was meant', () => {
    expect(parse(asyncApiText())).toEqual(asyncApiOfBank());
  });

  it('has only examples that intake takes', () => {
    const { messages } = (parse(asyncApiText()) as { components: { messages: Record<string, Message> } }).components;
    expect(Object.keys(messages)).toHaveLength(8);
    for (const { examples } of Object.values(messages)) {
      const { headers, payload } = examples[0]!;
      const event = readBankEvent({ key: null, value: Buffer.from(JSON.stringify(payload)), headers });
      expect(event).toMatchObject({ ok: true });
      expect(validate(event.raw, FRAME)).toMatchObject({ ok: true });
    }
  });
});
