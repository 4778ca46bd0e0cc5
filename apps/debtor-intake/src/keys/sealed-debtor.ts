/** Between the debtor in the clear and the debtor as events hold him. */
import { destinationOf } from '@mora/contact-rules';
import type { DeepReadonly, Phone } from '@mora/contracts';
import { contentHashOf, type FieldKey, openField, phoneRefOf, repeatableIv, sealField } from '@mora/keys';
import type { DebtorContent } from '../bank-record/record.js';
import type { DebtorRecorded } from '../debtor/debtor.js';

/** Place of a debtor's sealed field: `name`, `surname` or `phone/<phoneRef>` of his own stream. Persisted. */
export const debtorField = (debtorId: string, field: string) => ({ debtorId, stream: `debtor-${debtorId}`, field });

export const sealDebtor = (
  debtorId: string,
  content: DebtorContent,
  key: FieldKey,
  repeatable: boolean,
): Omit<DebtorRecorded, 'provenance' | 'said' | 'accountId' | 'contentHash'> => {
  const seal = (field: string, text: string): string => {
    const place = debtorField(debtorId, field);
    return repeatable ? sealField(key, place, text, repeatableIv(key, place, text)) : sealField(key, place, text);
  };
  const { name, surname, phones, ...open } = content;
  return {
    debtorId,
    name: seal('name', name),
    surname: seal('surname', surname),
    ...open,
    phones: phones.map(({ number, kind, order, confirmedAt }) => {
      const phoneRef = phoneRefOf(key.key, number);
      const sealed = seal(`phone/${phoneRef}`, number);
      return { phoneRef, number: sealed, kind, order, confirmedAt, destination: destinationOf(number) };
    }),
    nameHash: contentHashOf(key.key, `name|${name}`),
    surnameHash: contentHashOf(key.key, `surname|${surname}`),
  };
};

/** @throws FieldNotOpened */
export const openNumber = (debtorId: string, phone: DeepReadonly<Phone>, key: FieldKey): string =>
  openField(key, debtorField(debtorId, `phone/${phone.phoneRef}`), phone.number);

export type SealedDebtor = ReturnType<typeof sealDebtor>;
