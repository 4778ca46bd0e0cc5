/** Who else has a debtor's numbers. The row of a number names them; each hears how many they are, nobody who they are. */
import type { DeepReadonly, Phone } from '@mora/contracts';
import type { NumberRow } from '../outbound/intake-tables.js';
import type { Debtor, DebtorEvent, NumberShared } from './debtor.js';

export const numberRowOf = (row: unknown): NumberRow => (row ?? { debtors: [] }) as NumberRow;

/** From three on nobody asks how many they are: no robot calls the number. */
export const MANY = 3;
/** A placeholder number of ten thousand customers must not make a row of ten thousand names, written ten thousand times. */
const MOST_NAMED = 20;

export const joined = (row: NumberRow, debtorId: string): NumberRow => {
  if (row.debtors.includes(debtorId) || row.many) return row;
  return row.debtors.length < MOST_NAMED ? { ...row, debtors: [...row.debtors, debtorId] } : { ...row, many: true };
};

export const left = (row: NumberRow, debtorId: string): NumberRow =>
  row.debtors.includes(debtorId) ? { ...row, debtors: row.debtors.filter((one) => one !== debtorId) } : row;

/** 1, 2, or {@link MANY} for as many and more. */
export const countOf = ({ debtors, many }: NumberRow): number => (many ? MANY : Math.min(MANY, debtors.length));

/** Whoever takes it now changes nothing for those before him. */
const isBeyondMany = ({ debtors, many }: NumberRow): boolean => many === true || debtors.length > MANY;

/**
 * Who may not know yet. Whoever took the number as the third or later heard it with his own record; before him there were two.
 */
export const toTell = (row: NumberRow): readonly string[] =>
  isBeyondMany(row) ? row.debtors.slice(0, MANY - 1) : row.debtors;

const phonesOf = (state: Debtor): DeepReadonly<Phone[]> => (state.status === 'recorded' ? state.content.phones : []);

export const hasNumber = (state: Debtor, phoneRef: string): boolean =>
  phonesOf(state).some((phone) => phone.phoneRef === phoneRef);

const knownToShare = (state: Debtor, phoneRef: string): number =>
  state.status === 'recorded' ? (state.shared[phoneRef] ?? 1) : 1;

/** Told only when it changed. */
export const sayShared = (state: Debtor, said: NumberShared): readonly DebtorEvent[] =>
  knownToShare(state, said.phoneRef) === said.debtors ? [] : [{ type: 'NumberShared', data: said }];

/** Numbers of a new record that he did not have, and those of the old one that it does not have. */
export const movedNumbers = (before: Debtor, after: DeepReadonly<Phone[]>) => {
  const old = phonesOf(before);
  const isIn = (list: DeepReadonly<Phone[]>, { phoneRef }: DeepReadonly<Phone>) =>
    list.some((one) => one.phoneRef === phoneRef);
  return { taken: after.filter((one) => !isIn(old, one)), gone: old.filter((one) => !isIn(after, one)) };
};

export interface Arrival {
  readonly debtorId: string;
  readonly before: Debtor;
  /** His phones from now on. */
  readonly phones: DeepReadonly<Phone[]>;
  /** The row of a number as it is with him, by phoneRef. */
  readonly rows: ReadonlyMap<string, NumberRow>;
}

/** What follows from a record that moves numbers: how many have each, and that others are to be told. */
export const moveNumbers = ({ debtorId, before, phones, rows }: Arrival): readonly DebtorEvent[] => {
  const { taken, gone } = movedNumbers(before, phones);
  const countAt = (phoneRef: string): number => {
    const row = rows.get(phoneRef);
    return row === undefined ? 1 : countOf(row);
  };
  const withOthers = taken.filter(({ phoneRef }) => countAt(phoneRef) > 1);
  const othersDoNotKnow = ({ phoneRef }: DeepReadonly<Phone>): boolean => {
    const row = rows.get(phoneRef);
    return row !== undefined && !isBeyondMany(row);
  };
  const said = [
    ...withOthers.flatMap(({ phoneRef }) => sayShared(before, { debtorId, phoneRef, debtors: countAt(phoneRef) })),
    ...gone.flatMap(({ phoneRef }) => sayShared(before, { debtorId, phoneRef, debtors: 1 })),
  ];
  const moved = [...withOthers.filter(othersDoNotKnow), ...gone];
  return moved.length === 0 ? said : [...said, { type: 'NumbersMoved', data: { phones: moved } }];
};
