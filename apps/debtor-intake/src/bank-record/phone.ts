/** Numbers that no debtor owns: emergency calls and service desks, in the countries whose books we may get. */
const EMERGENCY = new Set(
  [
    '110 119 120 122 112 911 999 000 111 113 115 117 118 165 100 101 102 103 104 105 108 12110 12119 12395 12345 12321 12315 12378 12363',
  ].flatMap((list) => list.split(' ')),
);

/** National numbers of +86 that are services: 1xx, 12xxx, 95xxx, 96xxx, 400 and 800. */
const CHINA_SERVICE = /^(?:1\d{2}|1[0-2]\d{2,4}|9[56]\d{3,6}|[48]00\d{7})$/;
const E164 = /^\+[1-9]\d{6,14}$/;

/** Why a text is not a number that a robot may dial; null: it is one, by its form. */
export const phoneProblem = (text: string): string | null => {
  if (/\p{L}/u.test(text)) return 'has letters';
  const digits = text.replace(/^(?:\+|00)/, '');
  if (EMERGENCY.has(digits)) return 'is an emergency or service number';
  const china = /^\+?86(\d+)$/.exec(text)?.[1];
  if (china !== undefined && (EMERGENCY.has(china) || CHINA_SERVICE.test(china))) {
    return 'is an emergency or service number';
  }
  const taiwan = /^\+?886(\d+)$/.exec(text)?.[1];
  if (taiwan !== undefined && EMERGENCY.has(taiwan)) return 'is an emergency or service number';
  if (/^\+?\d{1,6}$/.test(text) || /^9[56]\d{3,6}$/.test(text)) return 'is a short service number';
  return E164.test(text) ? null : 'is not E.164 (+ country code and number, digits only)';
};
