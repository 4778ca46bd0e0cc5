/** What operators ask of debtor-intake in its process. */
import { clientFor, createCaller, fileV1, MalformedAnswer, parkedV1 } from '@mora/grpc';
import type { IntakeInbound, LoadState, LoadSummary, RowProblem } from '../answers.js';
import { type Asked, given } from '../methods.js';

/** Two hundred records of a busy store. */
const REDRIVE_MS = 300_000;

type Answer<K extends 'pageOfParked' | 'showParked' | 'redriveParked'> = Awaited<ReturnType<IntakeInbound[K]>>;
type Listed = Answer<'pageOfParked'>['inputs'][number];

const CHANNELS = ['file', 'grpc', 'kafka'] as const;
const STATES = ['parked', 'redriven', 'replaced'] as const;
const TAKEN = ['accepted', 'superseded'] as const;
const LOAD_STATES = ['loading', 'done', 'refused', 'failed'] as const;
const ENCODINGS: readonly LoadSummary['encoding'][] = [
  'utf-8',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'windows-1252',
  'utf-16le',
  'utf-16be',
];

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

const NO_COUNTS = { read: 0, accepted: 0, superseded: 0, duplicates: 0, parked: 0 };

const countsOf = (counts: fileV1.LoadCounts | undefined) => {
  const { read, accepted, superseded, duplicates, parked } = counts ?? NO_COUNTS;
  return { read, accepted, superseded, duplicates, parked };
};

const rowProblemOf =
  (file: string) =>
  ({ line, problem, mend }: fileV1.RowProblem): RowProblem => {
    if (!problem) throw new MalformedAnswer('RowProblem');
    return { file, line, ...problemOf(problem), mend };
  };

const summaryOf = (answer: fileV1.LoadSummary): LoadSummary => ({
  file: answer.file,
  encoding: oneOf(ENCODINGS, answer.encoding, 'LoadSummary'),
  separator: answer.separator,
  dryRun: answer.dryRun,
  ...countsOf(answer.counts),
  byReason: answer.byReason,
  problems: answer.problems.map(rowProblemOf(answer.file)),
  problemCount: answer.problemCount,
  ignoredColumns: answer.ignoredColumns,
  unusedWords: answer.unusedWords,
});

const loadStateOf = (answer: fileV1.LookResponse, file: string): LoadState => ({
  state: oneOf(LOAD_STATES, answer.state, 'LookResponse'),
  progress: {
    bytesRead: Number(answer.bytesRead),
    bytesTotal: Number(answer.bytesTotal),
    rows: answer.rows,
    ...countsOf(answer.counts),
  },
  problems: answer.problems.map(rowProblemOf(file)),
  problemCount: answer.problemCount,
  problemsKept: answer.problemsKept,
  summary: answer.summary ? summaryOf(answer.summary) : null,
  reason: answer.reason ?? null,
});

export const intakeClient = (address: string): Asked['intake'] & { close(): void } => {
  const parked = clientFor(parkedV1.ParkedService, address);
  const files = clientFor(fileV1.FileService, address);
  const closed = new AbortController();
  const caller = createCaller({}, closed.signal);
  const patient = createCaller({ deadlineMs: REDRIVE_MS }, closed.signal);
  return {
    pageOfParked: async ({ limit = 50, state, reason, file }) => {
      const asked = given({ limit, state, reason, file });
      const { inputs, total } = await caller.repeated((per) => parked.list(asked, per));
      return { inputs: inputs.map(inputOf), total };
    },
    showParked: async (id) => {
      const { input, raw, cut } = await caller.repeated((per) => parked.show({ id }, per));
      return { ...inputOf(input), raw: Object.fromEntries(raw.map(({ name, value }) => [name, value])), cut };
    },
    redriveParked: async (id, fields = {}, asIs = false) => {
      const corrected = Object.entries(fields).map(([name, value]) => ({ name, value }));
      return redrivenOf(await caller.once((per) => parked.redrive({ id, corrected, asIs }, per)));
    },
    redriveManyParked: async ({ reason, file, after, asIs = false }) => {
      const asked = given({ reason, file, after, asIs });
      const {
        $typeName: _,
        $unknown: __,
        next = null,
        ...counts
      } = await patient.once((per) => parked.redriveMany(asked, per));
      return { ...counts, next };
    },
    beginLoad: async (path, { dryRun = false, encoding, map = {}, exactIds = false } = {}) => {
      const asked = given({ path, dryRun, encoding, columns: { ...map }, exactIds });
      return (await caller.once((per) => files.begin(asked, per))).loadId;
    },
    lookAtLoad: async (id, after = 0) =>
      loadStateOf(await caller.repeated((per) => files.look({ loadId: id, after }, per)), id),
    close: () => {
      closed.abort();
      parked.close();
      files.close();
    },
  };
};
