import { expect, test } from '@jest/globals';
import { csvCell, csvLine } from './problems-file.js';

test.each(['=1+1', '+99#', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1', '|calc'])(
  'a cell that a spreadsheet would run is text: %j',
  (text) => {
    expect(csvCell(text)).toBe(`"'${text}"`);
  },
);

test('a line is quoted throughout', () => {
  expect(csvLine(['7', 'name', 'says "no", twice'])).toBe('"7","name","says ""no"", twice"\r\n');
});
