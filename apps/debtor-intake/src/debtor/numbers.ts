/** Who else has a debtor's numbers. The row of a number names them; each hears how many they are, nobody who they are. */
import type { DeepReadonly, Phone } from '@mora/contracts';
import type { NumberRow } from '../outbound/intake-tables.js';
import type { Debtor, DebtorEvent, NumberShared } from './debtor.js';

export const numberRowOf = (row: unknown): NumberRow => (row ?? { debtors: [] }) as NumberRow;

export const joined = (row: NumberRow, debtorId: string): NumberRow =>
  row.debtors.includes(debtorId) ? row : { debtors: [...row.debtors, debtorId].sort() };

export const left = (row: NumberRow, debtorId: string): NumberRow => ({
  debtors: row.debtors.filter((one) => one !== debtorId),
});

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
  const withOthers = taken.filter(({ phoneRef }) => (rows.get(phoneRef)?.debtors.length ?? 1) > 1);
  const said = [
    ...withOthers.flatMap(({ phoneRef }) =>
      sayShared(before, { debtorId, phoneRef, debtors: rows.get(phoneRef)!.debtors.length }),
    ),
    ...gone.flatMap(({ phoneRef }) => sayShared(before, { debtorId, phoneRef, debtors: 1 })),
  ];
  const moved = [...withOthers, ...gone];
  return moved.length === 0 ? said : [...said, { type: 'NumbersMoved', data: { phones: moved } }];
};
