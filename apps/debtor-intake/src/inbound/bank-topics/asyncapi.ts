/** The bank's topics as an AsyncAPI 3.0 document, from the fields that the validator knows. */

import { BANK_EVENT_TYPES, BANK_TOPICS, type BankEventType, type BankTopic, typeNameOf } from '@mora/contracts';
import { FIELDS, MANDATORY } from '../../bank-record/columns.js';
import type { RecordKind } from '../../bank-record/record.js';
import { MOST_BYTES } from './bank-event.js';
import { FIELD_SHAPES, type FieldShape } from './field-shapes.js';

type Node = string | number | boolean | readonly Node[] | { readonly [name: string]: Node };

const TOPIC_MEANING: Readonly<Record<BankTopic, string>> = {
  'bank.overdue.v1': 'Overdue accounts. Any number of partitions, any keys.',
  'bank.payments.v1':
    'Payments, reversals, and how far payments are sent. Any number of partitions, any keys; a payment of an account that is new in the other topic may come before it.',
};

const PATTERN: Readonly<Partial<Record<FieldShape['shape'], string>>> = {
  amount: '^-?(0|[1-9][0-9]*)([.][0-9]+)?$',
  integer: '^(0|-?[1-9][0-9]*)$',
  date: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
};

const fieldSchema = (field: string): Node => {
  const shape = FIELD_SHAPES[field];
  if (!shape) throw new TypeError(`${field} is not described`);
  const pattern = PATTERN[shape.shape];
  const whole = shape.shape === 'amount' || shape.shape === 'integer';
  return {
    type: whole ? ['string', 'integer'] : 'string',
    description: shape.meaning,
    ...(pattern === undefined ? {} : { pattern }),
    ...(shape.shape === 'instant' ? { format: 'date-time' } : {}),
    ...(shape.choices === undefined ? {} : { enum: shape.choices }),
    examples: [shape.example],
  };
};

const dataSchema = (kind: RecordKind): Node => ({
  type: 'object',
  required: MANDATORY[kind].filter((field) => field !== 'bank_event_id'),
  properties: Object.fromEntries(FIELDS[kind].map((field) => [field, fieldSchema(field)])),
});

const attribute = (description: string, more: Readonly<Record<string, Node>> = {}): Node => ({
  type: 'string',
  description,
  ...more,
});

const TRACEPARENT = '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$';

const attributesOf = (type: BankEventType): Readonly<Record<string, Node>> => ({
  specversion: attribute('Version of CloudEvents.', { const: '1.0' }),
  id: attribute('Unique within the source. A repeat with the same data is silent, with other data it is parked.', {
    minLength: 1,
    maxLength: 200,
  }),
  source: attribute('Which system of the bank says it.', { format: 'uri-reference', minLength: 1 }),
  type: attribute('What is said.', { const: typeNameOf(type) }),
  traceparent: attribute(
    'Trace in which the bank said it (W3C Trace Context); a Kafka header of that name goes before.',
    {
      pattern: TRACEPARENT,
    },
  ),
  time: attribute('When it happened, of the years 2000 to 2199.', { format: 'date-time' }),
});

const exampleData = (kind: RecordKind): Node =>
  Object.fromEntries(MANDATORY[kind].map((field) => [field, FIELD_SHAPES[field]!.example]));

const exampleAttributes = (type: BankEventType): Readonly<Record<string, Node>> => ({
  specversion: '1.0',
  id: FIELD_SHAPES['bank_event_id']!.example,
  source: '/bank/core',
  type: typeNameOf(type),
  time: '2026-11-02T01:30:00Z',
});

const REQUIRED = ['specversion', 'id', 'source', 'type'];
const prefixed = (attributes: Readonly<Record<string, Node>>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, node]) => [`ce_${name}`, node]));
const dataName = (kind: RecordKind) => `${kind}-data`;
const reference = (to: string): Node => ({ $ref: `#/${to}` });

const messages = (type: BankEventType): Readonly<Record<string, Node>> => {
  const common = { title: typeNameOf(type), summary: type.meaning };
  const data = reference(`components/schemas/${dataName(type.kind)}`);
  const structuredType = 'application/cloudevents+json';
  const example = exampleData(type.kind);
  return {
    [`${type.kind}-structured`]: {
      ...common,
      name: `${typeNameOf(type)} (structured)`,
      contentType: structuredType,
      headers: {
        type: 'object',
        required: ['content-type'],
        properties: { 'content-type': { type: 'string', const: structuredType } },
      },
      payload: {
        type: 'object',
        required: [...REQUIRED, 'data'],
        properties: { ...attributesOf(type), datacontenttype: { type: 'string', const: 'application/json' }, data },
      },
      examples: [
        { headers: { 'content-type': structuredType }, payload: { ...exampleAttributes(type), data: example } },
      ],
    },
    [`${type.kind}-binary`]: {
      ...common,
      name: `${typeNameOf(type)} (binary)`,
      contentType: 'application/json',
      headers: {
        type: 'object',
        required: REQUIRED.map((name) => `ce_${name}`),
        properties: {
          'content-type': { type: 'string', const: 'application/json' },
          'content-encoding': { type: 'string', enum: ['identity', 'gzip'] },
          ...prefixed(attributesOf(type)),
        },
      },
      payload: data,
      examples: [
        {
          headers: { 'content-type': 'application/json', ...prefixed(exampleAttributes(type)) },
          payload: example,
        },
      ],
    },
  };
};

const idOfTopic = (topic: string): string => topic.replaceAll('.', '-');

export const asyncApiOfBank = (): Node => {
  const channel = (topic: BankTopic): Node => ({
    address: topic,
    description: TOPIC_MEANING[topic],
    messages: Object.fromEntries(
      BANK_EVENT_TYPES.filter((type) => type.topic === topic).flatMap((type) =>
        Object.keys(messages(type)).map((name) => [name, reference(`components/messages/${name}`)]),
      ),
    ),
    bindings: { kafka: { topic, bindingVersion: '0.5.0' } },
  });
  const operation = (topic: BankTopic): Node => ({
    action: 'receive',
    channel: reference(`channels/${idOfTopic(topic)}`),
    summary: `debtor-intake takes every record of ${topic} once, in whichever partition; a bad one is parked with its reason and stops nothing.`,
  });
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Mora: the topics of the bank',
      version: '1.0.0',
      description: `What a bank produces for Mora. CloudEvents 1.0, JSON in UTF-8, structured or binary mode, at most ${MOST_BYTES} bytes a record. All fields of the data are texts (whole numbers may be JSON numbers); a list is one text, items joined by ";", parts of an item by "|"; a field that is absent, null or empty says nothing; unknown fields are left outside.`,
      license: { name: 'Apache-2.0' },
      contact: { name: 'Mora' },
      tags: [{ name: 'bank' }],
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(BANK_TOPICS.map((topic) => [idOfTopic(topic), channel(topic)])),
    operations: Object.fromEntries(BANK_TOPICS.map((topic) => [`take-${idOfTopic(topic)}`, operation(topic)])),
    components: {
      messages: Object.assign({}, ...BANK_EVENT_TYPES.map(messages)) as Node,
      schemas: Object.fromEntries(BANK_EVENT_TYPES.map(({ kind }) => [dataName(kind), dataSchema(kind)])),
    },
  };
};

/** Block style; every scalar as JSON writes it, which YAML reads the same. */
export const yamlOf = (node: Node, indent = ''): string => {
  if (typeof node !== 'object') return ` ${JSON.stringify(node)}\n`;
  const deeper = `${indent}  `;
  if (Array.isArray(node)) {
    if (node.every((item) => typeof item !== 'object')) {
      return ` [${node.map((item) => JSON.stringify(item)).join(', ')}]\n`;
    }
    return `\n${node.map((item) => `${indent}-${yamlOf(item as Node, deeper).replace(/^\n\s*/, ' ')}`).join('')}`;
  }
  const entries = Object.entries(node);
  return `\n${entries.map(([name, value]) => `${indent}${/^[\w$-]+$/.test(name) ? name : JSON.stringify(name)}:${yamlOf(value, deeper)}`).join('')}`;
};

export const asyncApiText = (): string =>
  `# Generated by \`node tools/checks/asyncapi.mjs\` from apps/debtor-intake/src/inbound/bank-topics; do not edit.${yamlOf(asyncApiOfBank())}`;
