/** `--map`: the bank's own words for columns, `账号=account_id,…` or a file with one such line for each. */
import { readFile } from 'node:fs/promises';
import { UsageError } from './errors.js';

export type ColumnMap = Readonly<Record<string, string>>;

/** @throws UsageError that names the place of a pair that is none */
export const pairsOf = (parts: readonly string[], what: string): ColumnMap => {
  const map: Record<string, string> = {};
  parts.forEach((part, i) => {
    if (part.trim() === '' || part.trimStart().startsWith('#')) return;
    const at = part.lastIndexOf('=');
    const [word, field] = [part.slice(0, Math.max(at, 0)).trim(), part.slice(at + 1).trim()];
    if (word === '' || field === '') throw new UsageError(`--map: ${what} ${i + 1} is not WORD=column`);
    if (Object.hasOwn(map, word) && map[word] !== field)
      throw new UsageError(`--map: ${what} ${i + 1} gives a word a second meaning`);
    map[word] = field;
  });
  return map;
};

/** @throws UsageError */
export const columnMapOf = async (text: string): Promise<ColumnMap> => {
  if (text.includes('=')) return pairsOf(text.split(/[,，]/), 'pair');
  const lines = await readFile(text, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--map: neither pairs WORD=column nor a file that can be read (${error.code})`);
  });
  return pairsOf(lines.replace(/^\ufeff/, '').split(/\r?\n/), 'line');
};
