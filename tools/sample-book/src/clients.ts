import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** What the book uses of one overdue client; whole New Taiwan dollars, newest month first. */
export interface Client {
  readonly limit: number;
  /** September's statement. */
  readonly balance: number;
  /** Repayment status of August … April. */
  readonly earlierMonths: readonly number[];
  /** Paid in September … April. */
  readonly paid: readonly number[];
}

const DATA = fileURLToPath(new URL('../data/uci-credit-card-clients.csv.gz', import.meta.url));

const months = [2, 3, 4, 5, 6];

/**
 * The 6,818 clients who were overdue in September 2005, in the order of the data. Personal attributes are not read. The file is
 * plain: numbers and commas, nothing quoted.
 */
export const readClients = async (path: string = DATA): Promise<readonly Client[]> => {
  const text = (await promisify(gunzip)(await readFile(path))).toString('latin1');
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  const place = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new RangeError(`${path}: no column ${name}`);
    return index;
  };
  const limit = place('LIMIT_BAL');
  const september = place('PAY_0');
  const balance = place('BILL_AMT1');
  const statuses = months.map((month) => place(`PAY_${month}`));
  const payments = [1, ...months].map((month) => place(`PAY_AMT${month}`));
  return lines.flatMap((line) => {
    const row = line.split(',');
    if (Number(row[september]) < 1) return [];
    const at = (index: number): number => Number(row[index]);
    return [{ limit: at(limit), balance: at(balance), earlierMonths: statuses.map(at), paid: payments.map(at) }];
  });
};
