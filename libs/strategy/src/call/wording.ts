import { drawChance, pick } from '../chance.js';
import type { ChanceSource, WordingChoice } from '../records.js';

/** A wording this debtor has not heard, chosen by a seeded draw; all heard: the one heard longest ago. */
export const chooseWording = (input: {
  readonly promptId: string;
  readonly wordingIds: readonly string[];
  /** Wordings of this prompt the debtor heard, oldest first. */
  readonly heard: readonly string[];
  readonly intentId: string;
  readonly chance: ChanceSource;
}): WordingChoice => {
  const { promptId, wordingIds, heard } = input;
  if (wordingIds.length === 0) throw new RangeError(`prompt ${promptId} has no wording`);
  const unused = wordingIds.filter((id) => !heard.includes(id));
  if (unused.length === 0) {
    const lastHeard = (id: string): number => heard.lastIndexOf(id);
    const wordingId = wordingIds.reduce((oldest, id) => (lastHeard(id) < lastHeard(oldest) ? id : oldest));
    return { promptId, wordingId, left: 0, rule: 'least-recent', chance: null };
  }
  const chance = drawChance(input.chance.salt, input.chance.saltId, input.intentId, `wording|${promptId}`);
  return { promptId, wordingId: unused[pick(chance, unused.length)]!, left: unused.length, rule: 'unused', chance };
};
