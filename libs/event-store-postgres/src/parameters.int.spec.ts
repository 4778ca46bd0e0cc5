import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@mora/test-kit';
import fc from 'fast-check';
import pg from 'pg';
import { jsons, jsonsAt, list, texts } from './parameters.js';

describe('arrays as parameters', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await testDatabase();
    client = new pg.Client({ ...database.server, database: database.name });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.close();
  });
  const asked = async (sql: string, parameter: string) =>
    (await client.query(`select ${sql} as a`, [parameter])).rows[0].a;
  /** The database's text knows neither NUL nor halves of a pair. */
  const text = fc.string({ unit: 'binary', maxLength: 12 }).map((s) => s.replaceAll('\u0000', ''));

  it('carry short texts of any content', async () => {
    const awkward = [
      '',
      'NULL',
      'null',
      '"',
      '\\',
      '\\"',
      '{',
      '}',
      ',',
      ' a ',
      'a,b',
      "'",
      '$1',
      '\u001f',
      '\n',
      '张三 😀',
    ];
    expect(await asked('$1::text[]', texts(awkward))).toEqual(awkward);
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 6 }), async (values) => {
        expect(await asked('$1::text[]', texts(values))).toEqual(values);
      }),
      { numRuns: 100 },
    );
  });

  it('carry numbers and truth values', async () => {
    expect(await asked('$1::float8[]', list([0, -1, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER]))).toEqual([
      0,
      -1,
      2 ** 31 - 1,
      Number.MAX_SAFE_INTEGER,
    ]);
    expect(await asked('$1::boolean[]', list([true, false]))).toEqual([true, false]);
    expect(await asked('$1::int[]', list([]))).toEqual([]);
  });

  it('carry any JSON text byte for byte, also with the separator, NUL and lone surrogates in its strings', async () => {
    const awkward = ['\u001f', 'a\u0000b', 'x\ud800y', '"', '\\', '', null, [], {}, 0].map((v) => JSON.stringify(v));
    expect(await asked(jsonsAt('$1'), jsons(awkward))).toEqual(awkward);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json(), { maxLength: 5 }), async (values) => {
        expect(await asked(jsonsAt('$1'), jsons(values))).toEqual(values);
      }),
      { numRuns: 100 },
    );
  });

  it('give null for what JSON cannot say, which a column then refuses', async () => {
    const values = ['1', JSON.stringify(undefined) as unknown as string, '3'];
    expect(await asked(jsonsAt('$1'), jsons(values))).toEqual(['1', null, '3']);
  });
});
