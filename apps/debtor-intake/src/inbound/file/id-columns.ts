/** Ids that a spreadsheet has rounded to fifteen digits. One such id may be right; a whole column of them is not. */
import { ID_FIELDS } from '../../bank-record/identifier.js';

const IDS: ReadonlySet<string> = new Set(ID_FIELDS);
const ROUNDED = /^\d{15}0+$/;
const FEWEST = 20;

export class IdColumns {
  private readonly counts: { rounded: number; isExact: boolean }[];

  constructor(private readonly columns: readonly (string | null)[]) {
    this.counts = columns.map(() => ({ rounded: 0, isExact: false }));
  }

  add(fields: readonly string[]): void {
    this.columns.forEach((name, i) => {
      const value = fields[i]?.trim() ?? '';
      if (name === null || value === '' || !IDS.has(name)) return;
      if (ROUNDED.test(value)) this.counts[i]!.rounded += 1;
      else this.counts[i]!.isExact = true;
    });
  }

  /** Columns of sixteen and more digits in which every value ends in zeros after the fifteenth, in twenty rows at least. */
  rounded(): readonly { readonly field: string; readonly count: number }[] {
    return this.columns.flatMap((field, i) => {
      const { rounded, isExact } = this.counts[i]!;
      return field !== null && !isExact && rounded >= FEWEST ? [{ field, count: rounded }] : [];
    });
  }
}
