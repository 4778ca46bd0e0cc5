// docs/event-catalogue.md from libs/contracts: every published event with its fields, and who publishes and reads it.
// `node tools/checks/catalogue.mjs` writes it, `--check` fails when it is stale. Needs libs/contracts compiled (`tsc -b`).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const TARGET = 'docs/event-catalogue.md';

/** Source of events → service that publishes them, and the file that declares them. */
const PUBLISHERS = {
  intake: ['debtor-intake', 'intake.ts'],
  tiering: ['risk-tiering', 'tiering.ts'],
  policy: ['risk-tiering', 'tiering.ts'],
  guard: ['contact-guard', 'guard.ts'],
  dialer: ['dialer', 'dialer.ts'],
  telephony: ['telephony-gateway', 'telephony.ts'],
  sms: ['sms-trigger', 'sms.ts'],
  scoring: ['scoring', 'scoring.ts'],
};

/** Fields that mean the same in every event; a comment beside the field wins. */
const EVERYWHERE = {
  debtorId: 'the debtor, a pseudonym; decides the shard',
  caseId: 'the delinquency episode: one account, one missed due date',
  accountId: 'the account as the bank names it',
  attemptId: 'one attempt to call; a decision taken twice gives the same id',
  smsId: 'one SMS; a decision taken twice gives the same id',
  contactId: 'one contact: the attemptId or smsId',
  legId: 'the attempt on one line of the gateway',
  treatmentId: 'the treatment, the same value as its case',
  strategyHash: 'strategy package in force when this was decided',
  context: 'copied from the intent, so that no view needs a join',
  decision: 'what the decision was made of, so that it can be made again',
  provenance: 'where the bank’s record came from',
  businessDate: 'local calendar date in the strategy’s zone',
  dpd: 'days past due: business date less due date',
  unpaidMinimum: 'minimum due that is still unpaid',
  phoneRef: 'names a number without telling it',
  trigger: 'what led to this decision',
  because: 'why',
  reason: 'why',
  why: 'why',
  by: 'who ordered it',
  lifelongOrdinal: 'counts this debtor’s contacts for ever',
  currency: 'of the amount',
  amount: 'in minor units of the currency',
  date: 'local calendar date',
  channel: 'call or SMS',
  tier: 'risk tier',
  term: 'bucket by days past due alone',
  band: 'band of the unpaid minimum',
  score: '0–100, higher is better; null: none yet',
  rules: 'every rule that was evaluated',
  promiseId: 'the promise, the same through moves and result',
  promiseKind: 'covers the minimum, the whole bill, or a part',
  turn: 'turn of the conversation in which it was said',
  confidence: 'of the recogniser, 0–1',
  paid: 'sum of what was counted towards it',
  payments: 'keys of the payment events that were counted',
  watermark: 'how far the bank had posted payments',
  voice: 'voice that speaks',
  script: 'script of the strategy package',
  trunk: 'line of the carrier',
  segments: 'parts that the SMS is billed as',
  receiptAt: 'when the receipt came',
  providerId: 'the SMSC’s own id of a part',
  providerIds: 'the SMSC’s own ids, one a part',
  retryNotBefore: 'the earliest a new try makes sense; null: not by time alone',
  connected: 'answered by anyone; voicemail and doubt count',
  conversation: 'a person said at least one understood thing',
  disposition: 'what the call came to',
  dialogue: 'what the conversation came to; null: there was none',
  outcome: 'raw facts of the leg; null: it never left',
  verdict: 'the answer with everything the guard saw',
  gatewayId: 'gateway that the permit is for',
  incarnation: 'changes at every start of the gateway',
  deniedBy: 'ids of the rules that deny',
  facts: 'the account as the bank reported it',
  valueDate: 'date from which the money counts',
  postedAt: 'when the bank posted it',
  remainingMinimumDue: 'stated by the bank; null: not stated',
  paymentId: 'the bank’s own id',
  haltId: 'names the halt, to end it',
  scope: 'what it covers',
  stopId: 'names the stop, to lift it',
  evidence: 'what it rests on',
  claimedOn: 'day on which the debtor says to have paid',
  checkAfter: 'when the bank’s postings must have passed',
  hash: 'of the canonical form',
  name: 'its name',
  arm: 'arm of the experiment',
  experimentId: 'the experiment',
  chance: 'seeded draw; null: nothing was drawn',
  variant: 'which wording group of the trigger',
  costUnits: 'for the price table',
  nextReviewAt: 'when it is looked at again',
  queue: 'desk that takes it',
  firstActionDue: 'by when a human must have acted',
};

// --- comments beside the declarations

const TOKEN =
  /\/\*\*([\s\S]*?)\*\/|\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\.\.\.(\w+)|(?:const\s+(\w+)\s*=)|(\w+)\s*:(?!:)|([{}])/g;

const plain = (comment) =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, '').trim())
    .join(' ')
    .replace(/\{@link (\w+)\}/g, '$1')
    .trim();

/** @returns {{ comments: Map<string, string>, spreads: Map<string, string[]> }} by path, such as `intakeEvents.CaseOpened.dpd` */
const readDeclarations = (text) => {
  const comments = new Map();
  const spreads = new Map();
  const open = [];
  let comment = null;
  let name = null;
  for (const [, doc, spread, constant, key, brace] of text.matchAll(TOKEN)) {
    if (doc !== undefined) comment = plain(doc);
    else if (spread !== undefined) {
      const here = open.filter(Boolean).join('.');
      spreads.set(here, [...(spreads.get(here) ?? []), spread]);
    } else if (constant ?? key) {
      name = constant ?? key;
      const path = [...open, name].filter(Boolean).join('.');
      if (comment !== null && !comments.has(path)) comments.set(path, comment);
      comment = null;
    } else if (brace === '{') {
      open.push(name);
      name = null;
    } else if (brace === '}') open.pop();
  }
  return { comments, spreads };
};

/** What is said of a field: beside it, or beside the group of fields that was spread in. */
const meaningOf = ({ comments, spreads }, path, field) => {
  const own = comments.get(`${path}.${field}`);
  if (own !== undefined) return own;
  for (const group of spreads.get(path) ?? []) {
    const said = comments.get(`${group}.${field}`);
    if (said !== undefined) return said;
  }
  return EVERYWHERE[field] ?? '';
};

// --- types

const STRINGS = { date: 'date', datetime: 'instant', uuid: 'uuid' };
/** Exported schemas that are scalars: their name says more than their type. */
const SCALARS = {
  isoInstant: 'instant',
  isoDate: 'date',
  minorUnits: 'minor units',
  currency: 'currency',
  ciphertext: 'ciphertext',
  phoneRef: 'phoneRef',
};

const createTyper = (names) => {
  const typeOf = (schema) => {
    const name = names.get(schema);
    if (name !== undefined) return SCALARS[name] ?? `[${name}](#${name.toLowerCase()})`;
    const { def } = schema._zod;
    switch (def.type) {
      case 'nullable':
        return `${typeOf(def.innerType)} or null`;
      case 'optional':
        return `${typeOf(def.innerType)}, optional`;
      case 'array':
        return `list of ${typeOf(def.element)}`;
      case 'enum':
        return Object.values(def.entries)
          .map((one) => `\`${one}\``)
          .join(' ');
      case 'object':
        return `{ ${Object.entries(def.shape)
          .map(([key, value]) => `${key}: ${typeOf(value)}`)
          .join('; ')} }`;
      case 'record':
        return `${typeOf(def.valueType)} by name`;
      case 'tuple':
        return `[${def.items.map(typeOf).join(', ')}]`;
      case 'number':
        return schema.isInt ? 'integer' : 'number';
      case 'string':
        return STRINGS[schema.format] ?? 'string';
      case 'boolean':
        return 'yes/no';
      case 'unknown':
        return 'anything';
      default:
        return def.type;
    }
  };
  return typeOf;
};

// --- readers

const sourceFiles = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
        .map((file) => join(folder, file))
    : [];

/** Which services read an event: keys of their reactions (`CaseOpened: …`) and views (`'intake.CaseOpened': …`). */
const readersOf = (root, catalogue) => {
  const readers = new Map();
  const add = (source, type, service) => {
    const key = `${source}.${type}`;
    if (PUBLISHERS[source][0] !== service || source === 'policy')
      readers.set(key, new Set(readers.get(key)).add(service));
  };
  for (const service of readdirSync(join(root, 'apps')).sort()) {
    const src = join(root, 'apps', service, 'src');
    for (const file of sourceFiles(src)) {
      const text = readFileSync(file, 'utf8');
      for (const [, source, type] of text.matchAll(/'(\w+)\.(\w+)':/g))
        if (Object.hasOwn(catalogue[source] ?? {}, type)) add(source, type, service);
      if (!relative(src, file).startsWith('reactions')) continue;
      for (const [, type] of text.matchAll(/^\s+(\w+)(?=\s*[:(])/gm))
        for (const source of Object.keys(catalogue))
          if (Object.hasOwn(catalogue[source], type)) add(source, type, service);
    }
  }
  const host = sourceFiles(join(root, 'libs/service/src')).some((f) =>
    readFileSync(f, 'utf8').includes("'PolicyPublished'"),
  );
  if (host) readers.set('policy.PolicyPublished', new Set(['every service']));
  return readers;
};

// --- text

const table = (rows) => ['| field | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
const cell = (text) => text.replaceAll('|', '\\|');

const diagram = (readers) => {
  const links = new Map();
  for (const [key, services] of readers) {
    const [source] = key.split('.');
    for (const to of services) {
      if (to === 'every service') continue;
      const link = `${PUBLISHERS[source][0]} -->|SOURCE ${source}| ${to}`;
      links.set(link, (links.get(link) ?? 0) + 1);
    }
  }
  const lines = [...links]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([link, count]) => `  ${link.replace(/SOURCE (\w+)/, `$1: ${count}`)}`);
  return ['```mermaid', 'flowchart LR', ...lines, '```'].join('\n');
};

/** Comments of every file of the contracts, and which file declares an exported shape. */
const readContracts = (root) => {
  const folder = join(root, 'libs/contracts/src');
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')]);
  return {
    of: Object.fromEntries(texts.map(([file, text]) => [file, readDeclarations(text)])),
    fileOf: (name) => texts.find(([, text]) => text.includes(`export const ${name} = `))[0],
  };
};

/** Tables of fields; every named shape that a field refers to is noted, to be described once at the end. */
const createTables = (contracts, declared) => {
  const names = new Map(
    Object.entries(contracts).flatMap(([name, value]) => (value?._zod === undefined ? [] : [[value, name]])),
  );
  const shapes = new Map();
  const note = (schema) => {
    const { def } = schema._zod;
    const name = names.get(schema);
    if (name !== undefined && shapes.has(name)) return;
    if (name !== undefined && SCALARS[name] === undefined) shapes.set(name, schema);
    for (const inner of [def.innerType, def.element, def.valueType, ...Object.values(def.shape ?? {})])
      if (inner !== undefined) note(inner);
  };
  const typeOf = createTyper(names);
  const fields = (file, path, schema) =>
    table(
      Object.entries(schema.shape).map(([field, type]) => {
        note(type);
        return `| ${field} | ${cell(typeOf(type))} | ${cell(meaningOf(declared.of[file], path, field))} |`;
      }),
    );
  const describeShape = ([name, schema]) => {
    const file = declared.fileOf(name);
    const said = declared.of[file].comments.get(name);
    const unnamed = createTyper(new Map([...names].filter(([one]) => one !== schema)));
    const body = schema._zod.def.shape ? fields(file, name, schema) : unnamed(schema);
    return [`### ${name}`, ...(said ? [said] : []), body].join('\n\n');
  };
  return { fields, sharedShapes: () => [...shapes].sort(([a], [b]) => (a < b ? -1 : 1)).map(describeShape) };
};

const describeSource = ({ source, events, declared, readers, tables }) => {
  const [service, file] = PUBLISHERS[source];
  const count = Object.keys(events).length;
  const parts = Object.entries(events).map(([type, schema]) => {
    const path = `${source}Events.${type}`;
    const readBy = [...(readers.get(`${source}.${type}`) ?? [])].sort().join(', ') || 'nobody yet';
    const sentence = declared.of[file].comments.get(path);
    return [`### ${type}`, sentence, `Read by: ${readBy}.`, tables.fields(file, path, schema)].join('\n\n');
  });
  const from = `Published by ${service}, declared in \`libs/contracts/src/${file}\`: ${count} event${count === 1 ? '' : 's'}.`;
  return [`## ${source}`, from, ...parts].join('\n\n');
};

/** @returns {string} the catalogue's text. @throws when an event has no sentence. */
export const makeCatalogue = ({ root, contracts }) => {
  const { CATALOGUE } = contracts;
  const declared = readContracts(root);
  const silent = Object.entries(CATALOGUE).flatMap(([source, events]) => {
    const file = PUBLISHERS[source][1];
    return Object.keys(events)
      .filter((type) => !declared.of[file].comments.has(`${source}Events.${type}`))
      .map((type) => `libs/contracts/src/${file}: ${type} has no comment`);
  });
  if (silent.length > 0) throw new Error(silent.join('\n'));
  const readers = readersOf(root, CATALOGUE);
  const tables = createTables(contracts, declared);
  const sources = Object.entries(CATALOGUE);
  const total = sources.reduce((sum, [, events]) => sum + Object.keys(events).length, 0);
  const envelope = tables.fields('envelope.ts', 'eventMeta', contracts.eventMeta);
  const described = sources.map(([source, events]) => describeSource({ source, events, declared, readers, tables }));
  return `${[
    '# Event catalogue',
    `*Generated from \`libs/contracts\` by \`node tools/checks/catalogue.mjs\`; do not edit.* ${total} published events of ${sources.length} sources. A name that is here is persisted: it is never renamed, and data grows by optional fields only. Beside these, services keep private events in their own streams, which nobody else reads.`,
    '## Who reads whom',
    'An arrow carries the source and how many of its event types are read. The policy source is read by every service; analytics also archives every event it takes in, whether a view reads it or not.',
    diagram(readers),
    '## Envelope',
    'Beside its data every event has `id`, `type`, `source`, `epoch`, `shard`, `position`, `stream`, `version`, `subject` (the debtorId, or the stream’s name where there is no debtor), `recordedAt` (database wall clock), and `meta`:',
    envelope,
    ...described,
    '## Shared shapes',
    'Amounts are integers in minor units of their currency; an instant is UTC with milliseconds, `2026-11-02T01:30:00.000Z`; a ciphertext is sealed with the debtor’s key.',
    ...tables.sharedShapes(),
  ].join('\n\n')}\n`;
};

const main = async () => {
  const built = join(ROOT, 'libs/contracts/dist/index.js');
  if (!existsSync(built)) throw new Error('libs/contracts is not compiled: tsc -b');
  const text = makeCatalogue({ root: ROOT, contracts: await import(pathToFileURL(built).href) });
  const path = join(ROOT, TARGET);
  if (!process.argv.includes('--check')) return writeFileSync(path, text);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(
      `${TARGET}:1  is not what libs/contracts and the services say: node tools/checks/${basename(import.meta.filename)}`,
    );
    process.exitCode = 1;
  }
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
