/** What every script must understand in every state, the upper one winning over the lower. */
export const REQUIRED_GLOBALS: readonly string[] = [
  'G-distress',
  'G-deceased',
  'G-incapable',
  'G-missing',
  'G-complaint',
  'G-stop',
  'G-human',
  'G-dispute',
  'G-hardship',
  'G-paid',
  'G-wrong',
  'G-fraud',
  'G-recording',
  'G-robot',
  'G-busy',
  'G-who',
  'G-amount',
  'G-minimum',
  'G-how',
  'G-due',
  'G-interest',
  'G-credit',
  'G-instalment',
  'G-card',
  'G-autopay',
  'G-language',
  'G-abuse',
  'G-repeat',
];

/** No state may answer these in its own way. */
export const SAFETY_GLOBALS: readonly string[] = ['G-distress', 'G-deceased', 'G-incapable', 'G-complaint'];
