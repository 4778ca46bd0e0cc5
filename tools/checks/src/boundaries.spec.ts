import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findBreaches } from '../boundaries.mjs';

let root: string;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mora-boundaries-'));
  write('package.json', JSON.stringify({ devDependencies: { jest: '1' } }));
  const dependencies = { '@mora/contracts': '*', '@mora/eventing': '*', '@mora/guard': '*', luxon: '3', pg: '8' };
  for (const folder of [
    'libs/contracts',
    'libs/eventing',
    'libs/contact-rules',
    'apps/guard',
    'apps/dialer',
    'apps/mora',
  ]) {
    write(`${folder}/package.json`, JSON.stringify({ name: `@mora/${folder.split('/')[1]}`, dependencies }));
  }
});
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  ['apps/dialer/src/x.ts', "import { a } from '@mora/guard';", 'an app must not import an app'],
  ['apps/mora/src/start.ts', "import { a } from '@mora/guard';", 'an app must not import an app'],
  ['apps/mora/src/cli/why.ts', "import { a } from '@mora/guard';", 'an app must not import an app'],
  ['libs/contact-rules/src/x.ts', "import { a } from '@mora/guard';", 'a library must not import an app'],
  ['libs/contracts/src/x.ts', "export * from '@mora/eventing';", 'contracts may import nothing of ours'],
  ['apps/guard/src/x.ts', "import { a } from '@mora/contracts/dist/a.js';", 'reaches into another package'],
  ['apps/guard/src/x.ts', "import { a } from '../../dialer/src/a.js';", 'leaves the package'],
  ['apps/guard/src/x.ts', "import a from 'kafkajs';", "'kafkajs' is not declared"],
  ['apps/guard/src/x.ts', "const a = await import('kafkajs');", "'kafkajs' is not declared"],
  ['apps/guard/src/contacts/x.ts', "import pg from 'pg';", "a decision must not import 'pg'"],
  ['apps/guard/src/contacts/x.ts', "import { a } from '../outbound/a.js';", 'which may do I/O'],
  ['apps/guard/src/contacts/x.ts', "import { readFileSync } from 'node:fs';", "a decision must not import 'node:fs'"],
  ['apps/mora/src/x.ts', "const a = new URL('../', import.meta.url).pathname;", 'found by fileURLToPath'],
  ['libs/contact-rules/src/x.ts', 'const a = Date.now();', 'reads the clock'],
  ['libs/contact-rules/src/x.ts', 'const a = new Date();', 'reads the clock'],
  ['libs/contact-rules/src/x.ts', 'const a = DateTime.now();', 'reads the clock'],
  ['libs/contact-rules/src/x.ts', 'const a = Math.random();', 'draws at random'],
  ['libs/contact-rules/src/x.ts', "const a = process.env['X'];", 'reads the process'],
])('%s with %s is a breach', (path, code, rule) => {
  write(path, `// first line\n${code}\n`);
  const found = findBreaches(root);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(`${path}:2  `);
  expect(found[0]).toContain(rule);
});

test.each([
  ['apps/mora/src/embedded.ts', "import { a } from '@mora/guard';"],
  ['apps/mora/src/cli/why.ts', "import type { a } from '@mora/guard';"],
  ['apps/guard/src/outbound/x.ts', "import pg from 'pg';"],
  ['apps/guard/src/contacts/x.ts', "import type { a } from '../outbound/a.js';"],
  ['apps/guard/src/config.ts', "const a = process.env['X'];"],
  ['libs/contact-rules/src/x.ts', "import { DateTime } from 'luxon';\nconst a = new Date(0); // not Date.now()"],
  ['libs/contact-rules/src/x.ts', "const text = `import pg from 'kafkajs'`;"],
  ['libs/contact-rules/src/x.spec.ts', "import { test } from 'jest';\nconst a = Date.now();"],
])('%s with %s is none', (path, code) => {
  write(path, code);
  expect(findBreaches(root)).toEqual([]);
});

test('an address in the lock file and a registry in any file are breaches', () => {
  write('package-lock.json', '{\n"resolved": "https://example.org/a.tgz"\n}');
  write('docs/x.md', ['registry', 'npmjs', 'org'].join('.'));
  expect(findBreaches(root)).toEqual([
    'package-lock.json:2  the lock file holds a download address',
    'docs/x.md:1  names a package registry',
  ]);
});
