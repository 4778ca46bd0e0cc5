import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as contracts from '@mora/contracts';
import { makeCatalogue } from '../catalogue.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describe('the event catalogue', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mora-catalogue-'));
    cpSync(join(ROOT, 'libs/contracts/src'), join(root, 'libs/contracts/src'), { recursive: true });
    mkdirSync(join(root, 'apps/scoring/src/reactions'), { recursive: true });
    writeFileSync(
      join(root, 'apps/scoring/src/reactions/on-facts.ts'),
      '  on: {\n    CaseOpened: (e) => null,\n  },\n',
    );
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('has every published event once, with its sentence, its fields and its readers', () => {
    const text = makeCatalogue({ root, contracts });
    for (const [source, events] of Object.entries(contracts.CATALOGUE))
      for (const type of Object.keys(events)) {
        const entries = text.split(`\n### ${type}\n`).length - 1;
        expect(`${source}.${type} ${entries}`).toBe(`${source}.${type} 1`);
      }
    const opened = text.slice(text.indexOf('### CaseOpened'), text.indexOf('### AccountReported'));
    expect(opened).toContain('one delinquency episode begins.');
    expect(opened).toContain('Read by: scoring.');
    expect(opened).toContain('| facts | [accountFacts](#accountfacts) | the account as the bank reported it |');
    expect(opened).toContain('| unpaidMinimum | minor units |');
    expect(text).toContain('debtor-intake -->|intake: 1| scoring');
  });

  it('has a heading for every shape that a field links to', () => {
    const text = makeCatalogue({ root, contracts });
    const headings = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase()));
    const links = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor!);
    expect(links.filter((anchor) => !headings.has(anchor))).toEqual([]);
    expect(links.length).toBeGreaterThan(10);
  });

  it('is not made while an event has no sentence', () => {
    const path = join(root, 'libs/contracts/src/scoring.ts');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/ {2}\/\*\* Labels of one conversation[^\n]*\n/, ''));
    expect(() => makeCatalogue({ root, contracts })).toThrow('libs/contracts/src/scoring.ts: ConversationLabelled');
    expect(readdirSync(root).sort()).toEqual(['apps', 'libs']);
  });
});
