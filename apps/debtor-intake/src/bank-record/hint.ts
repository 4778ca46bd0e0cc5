/** Kinds of characters as a reader of messages knows them; the first that fits names a run. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\p{N}/u, 'digit'],
  [/\p{L}/u, 'letter'],
  [/\p{Zs}/u, 'space'],
  [/[\p{C}\p{Zl}\p{Zp}]/u, 'invisible'],
  [/./su, 'sign'],
];
const MOST_RUNS = 8;

const kindOf = (character: string): string => KINDS.find(([pattern]) => pattern.test(character))![1];

const counted = ({ kind, count }: { readonly kind: string; readonly count: number }): string =>
  kind === 'invisible' ? `${count} invisible` : `${count} ${kind}${count === 1 ? '' : 's'}`;

/**
 * An offending value by kinds and lengths, in their order: `2 digits, 1 space, 3 letters`. Columns get shifted, so no
 * field's value is shown as it is.
 */
export const hintOf = (value: string): string => {
  const runs: { readonly kind: string; readonly count: number }[] = [];
  for (const character of value.slice(0, 64)) {
    const kind = kindOf(character);
    const last = runs.at(-1);
    if (last?.kind === kind) runs[runs.length - 1] = { kind, count: last.count + 1 };
    else runs.push({ kind, count: 1 });
  }
  const shown = runs.slice(0, MOST_RUNS).map(counted).join(', ');
  const whole = runs.length <= MOST_RUNS && value.length <= 64;
  return whole ? shown : `${shown} … of ${value.length} characters`;
};
