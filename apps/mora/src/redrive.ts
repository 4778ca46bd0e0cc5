/** `mora parked redrive`: one parked record, or all that are meant, piece by piece. */
import { readFile } from 'node:fs/promises';
import type { RedrivenMany } from './answers.js';
import { converse } from './ask.js';
import type { Call } from './control.js';
import { UsageError } from './errors.js';
import { shown } from './show.js';

export interface RedriveArguments {
  readonly data: string;
  readonly json?: boolean;
  readonly raw?: string;
  readonly all?: boolean;
  readonly reason?: string;
  readonly file?: string;
  readonly asIs?: boolean;
}

type Sum = Omit<RedrivenMany, 'next'>;

const NOTHING: Sum = { tried: 0, accepted: 0, superseded: 0, duplicates: 0, parked: 0 };

const plus = (a: Sum, b: Sum): Sum => ({
  tried: a.tried + b.tried,
  accepted: a.accepted + b.accepted,
  superseded: a.superseded + b.superseded,
  duplicates: a.duplicates + b.duplicates,
  parked: a.parked + b.parked,
});

/** Every one that is meant is tried once. */
export const redriveMany = async (call: Call, input: Readonly<Record<string, unknown>>): Promise<Sum> => {
  let sum = NOTHING;
  let after: string | null = null;
  for (;;) {
    const { next, ...piece } = (await call('parked.redriveMany', {
      ...input,
      ...(after ? { after } : {}),
    })) as RedrivenMany;
    sum = plus(sum, piece);
    if (next === null) return sum;
    after = next;
  }
};

/** @throws UsageError unless either one record or many are meant */
const assertOneOrMany = (id: string | undefined, o: RedriveArguments): void => {
  const many = o.all === true || o.reason !== undefined || o.file !== undefined;
  if ((id === undefined) !== many) throw new UsageError('name one ID, or say --all, --reason TEXT or --file NAME');
  if (many && o.raw !== undefined) throw new UsageError('--raw corrects one record: name its ID');
  if (o.all === true && (o.reason ?? o.file) !== undefined)
    throw new UsageError('--all is every parked record: leave --reason and --file out');
};

/** @returns the exit code: 1 if any stays parked */
export const runRedrive = async (dataDir: string, id: string | undefined, o: RedriveArguments): Promise<number> => {
  assertOneOrMany(id, o);
  const asIs = o.asIs === true;
  const raw = o.raw === undefined ? {} : { raw: JSON.parse(await readFile(o.raw, 'utf8')) };
  const meant = { ...(o.reason ? { reason: o.reason } : {}), ...(o.file ? { file: o.file } : {}), asIs };
  const answer = await converse(dataDir, (call) =>
    id === undefined ? redriveMany(call, meant) : call('parked.redrive', { id, ...raw, asIs }),
  );
  process.stdout.write(`${o.json ? JSON.stringify(answer, null, 2) : shown('parked.redrive', answer)}\n`);
  return staysParked(answer) ? 1 : 0;
};

const staysParked = (answer: unknown): boolean => {
  const { parked, result } = answer as { readonly parked?: number; readonly result?: string };
  return result === 'parked' || (parked ?? 0) > 0;
};
