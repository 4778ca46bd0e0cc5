import { parseArgs } from 'node:util';
import { writeBook } from './write-book.js';

const usage = 'usage: sample-book [--out FOLDER] [--seed N] [--accounts N] [--from YYYY-MM-DD]';

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'sample-book' },
      seed: { type: 'string', default: '1' },
      accounts: { type: 'string' },
      from: { type: 'string', default: '2026-11-02' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const from = values.from;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(from) || Number.isNaN(Date.parse(from)))
    throw new RangeError('--from must be a date such as 2026-11-02');
  const accounts = values.accounts === undefined ? {} : { accounts: Number(values.accounts) };
  for (const file of await writeBook(values.out, { seed: values.seed, from, ...accounts }))
    console.log(`${file.path}: ${file.rows} accounts`);
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  console.error(usage);
  process.exitCode = 1;
});
