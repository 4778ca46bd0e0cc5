/** Parts of an SMS (3GPP TS 23.038, 23.040): no part ends inside a character. */

const gsmBasic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const gsmExtended = new Set('\f^{}\\[~]|€');

interface Alphabet {
  readonly encoding: 'GSM7' | 'UCS2';
  /** Units of an SMS of one part, and of each part of several. */
  readonly alone: number;
  readonly perPart: number;
  readonly units: (character: string) => number;
}

/** Septets: an extension character takes two. */
const GSM7: Alphabet = { encoding: 'GSM7', alone: 160, perPart: 153, units: (one) => (gsmExtended.has(one) ? 2 : 1) };
/** UTF-16 units: a character beyond the first plane takes two. */
const UCS2: Alphabet = { encoding: 'UCS2', alone: 70, perPart: 67, units: (one) => one.length };

export interface Parts {
  readonly encoding: 'GSM7' | 'UCS2';
  readonly parts: readonly string[];
}

/** The parts as they go over the air: as few as there can be. */
export const partsOf = (text: string): Parts => {
  const characters = [...text];
  const isGsm = characters.every((one) => gsmBasic.has(one) || gsmExtended.has(one));
  const { encoding, alone, perPart, units } = isGsm ? GSM7 : UCS2;
  const total = characters.reduce((sum, one) => sum + units(one), 0);
  if (total <= alone) return { encoding, parts: [text] };
  const parts: string[] = [];
  let left = 0;
  for (const one of characters) {
    if (units(one) > left) {
      parts.push('');
      left = perPart;
    }
    parts[parts.length - 1] += one;
    left -= units(one);
  }
  return { encoding, parts };
};

export const segmentsOf = (text: string): { readonly encoding: Parts['encoding']; readonly segments: number } => {
  const { encoding, parts } = partsOf(text);
  return { encoding, segments: parts.length };
};

/** Parts that a text of so many Chinese characters takes. */
export const partsAtMost = (characters: number): number =>
  characters <= UCS2.alone ? 1 : Math.ceil(characters / UCS2.perPart);
