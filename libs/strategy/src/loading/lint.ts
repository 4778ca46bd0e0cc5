import { findForbidden } from '@mora/dialogue';

const protectedWords = new Set([
  'sex',
  'gender',
  'age',
  'birthdate',
  'birthday',
  'marriage',
  'marital',
  'married',
  'education',
  'educated',
  'ethnicity',
  'ethnic',
  'race',
  'religion',
]);
const protectedChinese: readonly string[] = [
  '性别',
  '年龄',
  '婚姻',
  '婚否',
  '学历',
  '教育程度',
  '民族',
  '种族',
  '宗教',
];

/** The protected attribute a key or an expression names; null: none. `language` and `message` name none. */
export const protectedAttributeIn = (text: string): string | null => {
  const words = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.find((word) => protectedWords.has(word)) ?? protectedChinese.find((word) => text.includes(word)) ?? null;
};

/** Forbidden wordings in a text: those of every line that is spoken (rule CN-CONTENT). */
export const forbiddenWordsIn = (text: string): readonly string[] => findForbidden(text).map(({ found }) => found);
