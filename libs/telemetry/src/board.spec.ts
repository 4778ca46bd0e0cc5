import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { METRICS, type MetricSpec } from './catalogue.js';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const board = JSON.parse(read('deploy/grafana/mora.json')) as { readonly panels: readonly Panel[] };
const queries = board.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
);
/** Added by Prometheus itself. */
const ADDED = ['namespace', 'job', 'instance', 'le'];

const specOf = (asked: string): MetricSpec | undefined => {
  const own = (METRICS as Readonly<Record<string, MetricSpec>>)[asked];
  if (own) return own.kind === 'histogram' ? undefined : own;
  const histogram = (METRICS as Readonly<Record<string, MetricSpec>>)[asked.replace(/_(bucket|sum|count)$/, '')];
  return histogram?.kind === 'histogram' ? histogram : undefined;
};

describe('the board for Grafana', () => {
  it.each(queries)('$title: $legendFormat asks only for what is offered', ({ expr, legendFormat }) => {
    const names = [...expr.matchAll(/\bmora_\w+/g)].map(([name]) => name);
    expect(names).not.toEqual([]);
    for (const name of names) {
      const spec = specOf(name);
      expect({ name, isOffered: spec !== undefined }).toEqual({ name, isOffered: true });
      const labels = [
        ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/, */)),
        ...[...expr.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, label]) => label!),
        ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!),
      ];
      expect(labels.filter((label) => !ADDED.includes(label) && !spec!.labels.includes(label))).toEqual([]);
      const isRate = /(rate|increase)\(/.test(expr);
      expect({ name, isRate }).toEqual({ name, isRate: spec!.kind !== 'gauge' });
    }
  });

  it('shows every metric', () => {
    const shown = queries.map(({ expr }) => expr).join('\n');
    expect(Object.keys(METRICS).filter((name) => !new RegExp(`\\b${name}(_bucket)?\\b`).test(shown))).toEqual([]);
  });

  it('has panels that do not overlap, each with its own number', () => {
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
  });
});

describe('the guide', () => {
  const guide = read('docs/guides/observability.md');
  it.each(Object.entries(METRICS))('says what %s is, with its labels', (name, { help, labels }) => {
    const shown = (labels as readonly string[]).map((label) => `\`${label}\``).join(', ');
    expect(guide).toContain(`| \`${name}\` | ${METRICS[name as keyof typeof METRICS].kind} | ${shown} | ${help} |`);
  });
});
