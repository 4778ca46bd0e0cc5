import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { History } from '@mora/service';
import { Product, until } from './testing/product.js';
import { unsettledOf } from './testing/settled.js';

const BOOK = ['--accounts', '60', '--days', '2', '--seed', '11'];

const run = promisify(execFile);

describe('an installation whose database is put back to an hour ago', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.make();
  });
  afterAll(() => product.remove());

  it('says what the logs know more, and contacts nobody before a person confirms; then no id is used twice', async () => {
    const postgres = join(product.dataDir, 'postgres');
    const kept = join(product.dataDir, 'kept');
    await product.start(['--until-idle', '--json', ...BOOK], { MORA_FAULT: 'after:CallEnded:4' }).ended;
    await product.sql(async () => undefined);
    await run('cp', ['-a', postgres, kept]);
    const knownThen = new Set(product.invites().map(({ attemptId }) => attemptId));
    const ended = await product.untilIdle();
    expect(ended.code).toBe(0);
    await rm(postgres, { recursive: true });
    await run('cp', ['-a', kept, postgres]);

    const before = product.carrier().length;
    const started = product.start(['--until-idle', '--json']);
    await until('it says so', () => started.said().includes('HISTORY WAS LOST'));
    const shown = await product.json<readonly History[]>('history', 'show');
    const missing = shown.flatMap((service) => service.missing);
    const lost = product.invites().filter(({ attemptId }) => !knownThen.has(attemptId));
    expect(lost.length).toBeGreaterThan(0);
    expect(missing.map(({ contactId }) => contactId)).toEqual(
      expect.arrayContaining(lost.map(({ attemptId }) => attemptId)),
    );
    expect((await product.ask('status')).stderr).toMatch('mora history confirm');
    expect(product.carrier()).toHaveLength(before);
    expect((await product.ask('history', 'confirm', '--as', 'ann')).code).toBe(0);
    const { code } = await started.ended;
    expect(code).not.toBeNull();
    const { invitedTwice, submittedTwice, openCalls, openLegs, parkedEvents } = await unsettledOf(product);
    expect({ invitedTwice, submittedTwice, openCalls, openLegs, parkedEvents }).toEqual({
      invitedTwice: [],
      submittedTwice: [],
      openCalls: [],
      openLegs: [],
      parkedEvents: 0,
    });
  });
});
