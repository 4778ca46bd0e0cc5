import { createHash } from 'node:crypto';
import { triedInVain } from '../call/calls-made.js';
import { canonicalJson } from '../package/canonical.js';
import type { Strategy } from '../package/schema.js';
import { floorAllows } from '../tiering/tiering.js';
import { partsAtMost, segmentsOf } from './parts.js';
import type { FilledTemplate, TemplateFacts } from './records.js';

const slotPattern = /\{([A-Za-z]+)\}(元?)/g;
/** Their values come with their unit: the 元 of the text is that of any currency. */
const moneySlots: ReadonlySet<string> = new Set(['amount', 'statement', 'unpaidMin']);

export const slotsOf = (text: string): readonly string[] => [...text.matchAll(slotPattern)].map((match) => match[1]!);

type Values = Readonly<Record<string, string | null | undefined>>;

const known = (values: Values, slot: string): boolean => values[slot] !== null && values[slot] !== undefined;

/** Text with its slots filled; a bracket with a missing fact is left out, other missing slots are named. */
export const fillText = (
  text: string,
  values: Values,
): { readonly text: string; readonly missing: readonly string[] } => {
  const open = text.replace(/\[([^\][]*)\]/g, (_, inner: string) =>
    slotsOf(inner).every((slot) => known(values, slot)) ? inner : '',
  );
  const missing = [...new Set(slotsOf(open).filter((slot) => !known(values, slot)))];
  return {
    text: open.replace(
      slotPattern,
      (_, slot: string, unit: string) => (values[slot] ?? '') + (moneySlots.has(slot) ? '' : unit),
    ),
    missing,
  };
};

/** `{stage}`: in grace always that of L, else by tier; empty below its floor or where the bank gave no grace. */
const stageText = (strategy: Strategy, facts: TemplateFacts, values: Values): string => {
  const { stage } = strategy.templates;
  if (facts.inGrace) return facts.graceConfirmed ? fragment(stage.L.text, values) : '';
  if (facts.tier === 'L') return '';
  return facts.tier === 'M' && !floorAllows(strategy, 'interest', facts)
    ? ''
    : fragment(stage[facts.tier].text, values);
};

const fragment = (text: string, values: Values): string => {
  const filled = fillText(text, values);
  return filled.missing.length > 0 ? '' : filled.text;
};

const cardText = (strategy: Strategy, facts: TemplateFacts, values: Values): string => {
  const { card } = strategy.templates;
  if (facts.cardStatus === 'stopped') return card.stopped.text;
  return known(values, 'cardActionOn') ? fragment(card.dated.text, values) : card.unknown.text;
};

/** Which line about the past a text opens with; `none`: of calls that were not made, or that somebody answered, it says nothing. */
export const historyKind = (
  facts: Pick<TemplateFacts, 'rpcInEpisode' | 'brokenInEpisode' | 'lastLabel' | 'calls'>,
): keyof Strategy['templates']['history'] | 'none' => {
  if (!facts.rpcInEpisode) return triedInVain(facts.calls) ? 'not-answered' : 'none';
  if (facts.brokenInEpisode) return 'broken';
  return facts.lastLabel === 'refuses' ? 'refuses' : 'spoken';
};

const historyText = (strategy: Strategy, facts: TemplateFacts): string => {
  const kind = historyKind(facts);
  return kind === 'none' ? '' : strategy.templates.history[kind].text;
};

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const belowFloor = (strategy: Strategy, textClass: string, facts: TemplateFacts): boolean =>
  (textClass === 'credit' && !floorAllows(strategy, 'credit', facts)) ||
  (textClass === 'legal' && !floorAllows(strategy, 'legal', facts));

/** The final text of an SMS, or why it may not be sent. Values never leave here but inside the text. */
export const fillTemplate = (strategy: Strategy, templateId: string, facts: TemplateFacts): FilledTemplate => {
  const refuse = (
    reason: 'unknown-template' | 'missing-facts' | 'below-floor' | 'too-long',
    missing: readonly string[] = [],
  ): FilledTemplate => ({
    ok: false,
    reason,
    missing,
  });
  const template = strategy.templates.templates[templateId];
  if (template === undefined) return refuse('unknown-template');
  if (belowFloor(strategy, template.class, facts)) return refuse('below-floor');
  const own: Values = { ...facts.values, dpd: facts.values['dpd'] ?? String(facts.dpd) };
  const card = cardText(strategy, facts, own);
  const values: Values = {
    ...own,
    stage: stageText(strategy, facts, own),
    card,
    cardIfUnwarned: facts.creditNoticeSent ? '' : card,
    history: historyText(strategy, facts),
  };
  const filled = fillText(template.text, values);
  if (filled.missing.length > 0) return refuse('missing-facts', filled.missing);
  const { maxCharacters } = strategy.templates;
  const parts = segmentsOf(filled.text);
  if (filled.text.length > maxCharacters || parts.segments > partsAtMost(maxCharacters)) return refuse('too-long');
  return {
    ok: true,
    templateId,
    text: filled.text,
    ...parts,
    templateHash: sha256(template.text),
    parametersHash: sha256(canonicalJson(values)),
  };
};

/** Length of a template with the longest possible values, and the slots for which none is given. */
export const longestLength = (
  strategy: Strategy,
  templateId: string,
): { readonly length: number; readonly unknown: readonly string[] } => {
  const { templates, longest, stage, card, history } = strategy.templates;
  const longestOf = (texts: Readonly<Record<string, { readonly text: string }>>): string =>
    Object.values(texts)
      .map((one) => fillText(one.text, longest).text)
      .reduce((a, b) => (b.length > a.length ? b : a), '');
  const values: Values = {
    ...longest,
    stage: longestOf(stage),
    card: longestOf(card),
    cardIfUnwarned: longestOf(card),
    history: longestOf(history),
  };
  const filled = fillText((templates[templateId]?.text ?? '').replace(/[[\]]/g, ''), values);
  return { length: filled.text.length, unknown: filled.missing };
};
