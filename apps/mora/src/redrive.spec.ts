import { expect, test } from '@jest/globals';
import { redriveMany, runRedrive } from './redrive.js';

test('many parked records are driven again piece by piece, each once, as they are meant', async () => {
  const asked: unknown[] = [];
  const pieces = [
    { tried: 200, accepted: 150, superseded: 0, duplicates: 0, parked: 50, next: 'id-200' },
    { tried: 7, accepted: 0, superseded: 1, duplicates: 2, parked: 4, next: null },
  ];
  const call = async (_: string, input: unknown) => {
    asked.push(input);
    return pieces.shift();
  };
  expect(await redriveMany(call, { reason: 'x', asIs: true })).toEqual({
    tried: 207,
    accepted: 150,
    superseded: 1,
    duplicates: 2,
    parked: 54,
  });
  expect(asked).toEqual([
    { reason: 'x', asIs: true },
    { reason: 'x', asIs: true, after: 'id-200' },
  ]);
});

test.each([
  [undefined, {}, /name one ID, or say --all/],
  ['id', { all: true }, /name one ID, or say --all/],
  [undefined, { all: true, file: 'book.csv' }, /leave --reason and --file out/],
  [undefined, { all: true, raw: 'x.json' }, /--raw corrects one record/],
] as const)('what is not one record and not many is refused: %s %j', async (id, options, words) => {
  await expect(runRedrive('/nowhere', id, { data: '/nowhere', ...options })).rejects.toThrow(words);
});
