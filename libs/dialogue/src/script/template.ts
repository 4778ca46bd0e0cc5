import { type ConditionName, conditionName } from './conditions.js';

/** A line: words, `{slots}` and `[condition: parts]`, which may hold further parts. */
export type Part =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'slot'; readonly slot: string }
  | { readonly kind: 'part'; readonly condition: string; readonly parts: readonly Part[] };

export type ParsedLine =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly why: string };

/** Filled at run time, so compiled dialogues keep them as they are. */
export const RUNTIME_SLOTS = ['name', 'date', 'amount', 'time'] as const;

export interface SpokenFacts {
  readonly conditions: Readonly<Record<ConditionName, boolean>>;
  /** Null: not known. */
  readonly slots: Readonly<Record<string, string | null>>;
}

export function parseLine(line: string): ParsedLine {
  const stack: { condition: string; parts: Part[] }[] = [{ condition: '', parts: [] }];
  const token = /\[(!?[A-Za-z]+):\s?|\]|\{([A-Za-z]+)\}元?|[^[\]{}]+|./gu;
  for (const match of line.matchAll(token)) {
    const top = stack.at(-1)!;
    if (match[1] !== undefined) {
      if (!conditionName.safeParse(match[1].replace('!', '')).success)
        return { ok: false, why: `unknown condition [${match[1]}: …]` };
      stack.push({ condition: match[1], parts: [] });
    } else if (match[0] === ']') {
      if (stack.length === 1) return { ok: false, why: 'a ] without its [' };
      stack.pop();
      stack.at(-1)!.parts.push({ kind: 'part', ...top });
    } else if (match[2] !== undefined) {
      top.parts.push({ kind: 'slot', slot: match[2] });
      // Money is spoken with its unit; after any other slot 元 is a word.
      if (match[0].endsWith('元') && !MONEY_SLOTS.has(match[2])) top.parts.push({ kind: 'words', text: '元' });
    } else if ('[{}'.includes(match[0])) return { ok: false, why: `a stray ${match[0]}` };
    else top.parts.push({ kind: 'words', text: match[0] });
  }
  return stack.length > 1
    ? { ok: false, why: `[${stack.at(-1)!.condition}: … is not closed` }
    : { ok: true, parts: stack[0]!.parts };
}

export const MONEY_SLOTS: ReadonlySet<string> = new Set([
  'statement',
  'paid',
  'unpaidMin',
  'least',
  'interest',
  'lateFee',
  'fees',
  'promised',
  'partPaid',
  'amount',
]);

export const holds = (condition: string, facts: SpokenFacts): boolean =>
  condition.startsWith('!')
    ? !facts.conditions[condition.slice(1) as ConditionName]
    : facts.conditions[condition as ConditionName];

/** The words to say; null when a fact outside any bracket is missing: then the line is not spoken. */
export function render(parts: readonly Part[], facts: SpokenFacts): string | null {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'words') text += part.text;
    else if (part.kind === 'slot') {
      if ((RUNTIME_SLOTS as readonly string[]).includes(part.slot)) text += `{${part.slot}}`;
      else {
        const value = facts.slots[part.slot];
        if (value === null || value === undefined) return null;
        text += value;
      }
    } else if (holds(part.condition, facts)) text += render(part.parts, facts) ?? '';
  }
  return text;
}

/** Conditions that make each optional slot certain; slots not listed are always known. */
export const SLOT_GUARDS: Readonly<Record<string, readonly ConditionName[]>> = {
  unpaidMin: ['amounts'],
  least: ['amounts'],
  statement: ['statement'],
  paid: ['paid'],
  graceEnd: ['graceEnd', 'lastGraceDay'],
  interest: ['posted'],
  fees: ['fees'],
  feesAsOf: ['posted', 'fees'],
  lateFee: ['lateFee'],
  benefits: ['benefits'],
  offers: ['offers'],
  bureauReportOn: ['bureau'],
  hotline: ['hotline'],
  lastDay: ['spokenBefore'],
  promiseDate: ['promise'],
  promised: ['promise'],
  partPaid: ['partPaid'],
  slot: ['humanSlot'],
  others: ['others'],
};
export const SURE_SLOTS: ReadonlySet<string> = new Set([
  'bank',
  'salutation',
  'tail',
  'dueDate',
  'limitDate',
  'overdue',
  'dpd',
]);

/** Every slot with the conditions it stands under. */
export function slotsOf(
  parts: readonly Part[],
  under: readonly string[] = [],
): readonly { slot: string; under: readonly string[] }[] {
  return parts.flatMap((part) => {
    if (part.kind === 'slot') return [{ slot: part.slot, under }];
    return part.kind === 'part' ? slotsOf(part.parts, [...under, part.condition]) : [];
  });
}
