import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBrokenPaths } from '../docs.mjs';

describe('paths in the documents', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mora-docs-'));
    mkdirSync(join(root, 'docs/guides'), { recursive: true });
    mkdirSync(join(root, 'apps/dialer'), { recursive: true });
    writeFileSync(join(root, 'docs/guides/one.md'), '');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const broken = (text: string, file = 'docs/guides/two.md') => {
    writeFileSync(join(root, file), text);
    return findBrokenPaths(root);
  };

  it('are taken from links, relative to the document, and from quoted code, from the root', () => {
    expect(broken('[one](one.md) [one](../guides/one.md#part) `apps/dialer` `apps/dialer:12`')).toEqual([]);
  });

  it('that do not exist are named with file and line', () => {
    expect(broken('text\n[gone](gone.md) and `apps/gone/x.ts`')).toEqual([
      'docs/guides/two.md:2  gone.md does not exist',
      'docs/guides/two.md:2  apps/gone/x.ts does not exist',
    ]);
    expect(broken('see `libs/none`', 'README.md')).toContain('README.md:1  libs/none does not exist');
  });

  it('that leave the project are broken', () => {
    expect(broken('[out](../../../etc)')).toHaveLength(1);
  });

  it('are not web addresses, anchors, placeholders or what a build makes', () => {
    expect(
      broken('[a](https://example.org) [b](#part) `apps/<service>/x` `apps/*/src` `apps/mora/dist/x.js` `npm start`'),
    ).toEqual([]);
  });

  it('of this project all exist', () => {
    expect(findBrokenPaths(fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, ''))).toEqual([]);
  });
});
