/** What operators ask of debtor-intake in its process. */
import { clientFor, createCaller, fileV1, MalformedAnswer, parkedV1 } from '@mora/grpc';
import type { IntakeInbound } from '../answers.js';
import type { Asked } from '../methods.js';

/** A file is answered when all of it is read. */
const LOAD_MS = 3_600_000;

type Answer<K extends 'listParked' | 'showParked' | 'redriveParked' | 'loadFile'> = Awaited<
  ReturnType<IntakeInbound[K]>
>;
type Listed = Answer<'listParked'>[number];
type Loaded = Answer<'loadFile'>;

const CHANNELS = ['file', 'grpc', 'kafka'] as const;
const STATES = ['parked', 'redriven'] as const;
const TAKEN = ['accepted', 'superseded'] as const;
const ENCODINGS: readonly Loaded['encoding'][] = ['utf-8', 'gb18030', 'utf-16le', 'utf-16be'];

/** @throws MalformedAnswer */
const oneOf = <T extends string>(values: readonly T[], value: string | undefined, what: string): T => {
  const known = values.find((each) => each === value);
  if (known === undefined) throw new MalformedAnswer(what);
  return known;
};

const problemOf = ({ field, reason, value }: Omit<parkedV1.FieldProblem, '$typeName'>) => ({ field, reason, value });

const inputOf = (input: parkedV1.ParkedInput | undefined): Listed => {
  if (!input?.channel) throw new MalformedAnswer('ParkedInput');
  const { id, channel, problems, state, receivedAt, expiresAt } = input;
  return {
    id,
    channel: {
      kind: oneOf(CHANNELS, channel.kind, 'Channel'),
      name: channel.name,
      offset: Number(channel.offset),
    },
    problems: problems.map(problemOf),
    state: oneOf(STATES, state, 'ParkedInput'),
    receivedAt,
    expiresAt,
  };
};

const redrivenOf = (answer: parkedV1.RedriveResponse): Answer<'redriveParked'> => {
  const { result, debtorId = null, caseId = null, parkedId = null, problems } = answer;
  if (result === 'duplicate') return { result };
  if (result === 'parked') return { result, parkedId, problems: problems.map(problemOf) };
  return { result: oneOf(TAKEN, result, 'RedriveResponse'), debtorId, caseId };
};

const loadedOf = ({ $typeName: _, $unknown: __, ...answer }: fileV1.LoadResponse): Loaded => ({
  ...answer,
  encoding: oneOf(ENCODINGS, answer.encoding, 'LoadResponse'),
  problems: answer.problems.map(({ line, problem }) => {
    if (!problem) throw new MalformedAnswer('RowProblem');
    return { file: answer.file, line, ...problemOf(problem) };
  }),
});

export const intakeClient = (address: string): Asked['intake'] & { close(): void } => {
  const parked = clientFor(parkedV1.ParkedService, address);
  const files = clientFor(fileV1.FileService, address);
  const closed = new AbortController();
  const caller = createCaller({}, closed.signal);
  const patient = createCaller({ deadlineMs: LOAD_MS }, closed.signal);
  return {
    listParked: async ({ limit = 50 } = {}) => {
      const { inputs } = await caller.repeated((per) => parked.list({ limit }, per));
      return inputs.map(inputOf);
    },
    showParked: async (id) => {
      const { input, raw } = await caller.repeated((per) => parked.show({ id }, per));
      return { ...inputOf(input), raw: Object.fromEntries(raw.map(({ name, value }) => [name, value])) };
    },
    redriveParked: async (id, fields = {}) => {
      const corrected = Object.entries(fields).map(([name, value]) => ({ name, value }));
      return redrivenOf(await caller.once((per) => parked.redrive({ id, corrected }, per)));
    },
    loadFile: async (path, { dryRun = false } = {}) =>
      loadedOf(await patient.once((per) => files.load({ path, dryRun }, per))),
    close: () => {
      closed.abort();
      parked.close();
      files.close();
    },
  };
};
