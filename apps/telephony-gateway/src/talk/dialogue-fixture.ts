import type { Dialogue, DialogueEnd, DialogueState } from '@mora/dialogue';

const state = (prompt: string, expect: DialogueState['expect']): DialogueState => ({
  prompt,
  opening: prompt === 'opening.greet',
  barge: true,
  hangoverMs: 240,
  expect,
  goto: null,
  unclear: null,
  silence: null,
  hangup: null,
  atMost: null,
  keys: {},
  confirms: false,
  digits: null,
  byHistory: false,
});

const end = (disposition: DialogueEnd['disposition'], prompt: string | null): DialogueEnd => ({
  prompt,
  disposition,
  label: null,
  reason: null,
  flags: [],
  stops: [],
  transfer: false,
  urgent: false,
});

const line = (text: string) => ({ class: 'plain' as const, wordings: [{ id: `${text}.1`, text }] });
const both = (before: string, after: string) => ({ before, after });

/** The smallest dialogue: asks who is there, then whether he pays today. */
export const dialogue: Dialogue = {
  format: 1,
  script: 'l-first',
  sourceHash: 's',
  hash: 'd',
  entry: 'greet',
  facts: {
    callDate: '2026-11-02',
    timeZone: 'Asia/Shanghai',
    limitDate: '2026-11-05',
    currency: 'CNY',
    unpaidMin: 10_000,
    full: null,
    humanSlot: null,
  },
  limits: { turns: 14, ms: 180_000, silenceMs: 5_000, returns: 3, silences: 1 },
  states: {
    greet: state('opening.greet', { yes: { to: 'remind', identity: 'confirmed' } }),
    remind: state('l-first.remind', { no: { to: 'end-no-promise' } }),
  },
  ends: {
    'end-no-promise': end('no-promise', 'ends.bye'),
    'end-silent': end('silent', null),
    'end-dropped': end('dropped', null),
    'end-early': end('hung-up-early', null),
    'end-cured': end('cured', 'ends.thanks'),
    'end-sorry': end('cured', 'ends.sorry'),
  },
  globals: [],
  prompts: {
    'opening.greet': line('您好'),
    'l-first.remind': line('提醒您还款'),
    'ends.bye': line('再见'),
    'ends.thanks': line('谢谢您'),
    'ends.sorry': line('抱歉'),
    silence: line('喂'),
    unclear: line('请再说'),
  },
  needId: 'opening.greet',
  flags: [],
  promise: { askDate: 'remind', nearDate: 'remind', keepsDate: 'end-no-promise' },
  silence: { prompt: 'silence', to: both('end-silent', 'end-dropped') },
  unclear: {
    prompts: both('unclear', 'unclear'),
    keys: { before: {}, after: {} },
    to: both('end-silent', 'end-dropped'),
  },
  returns: both('end-silent', 'end-no-promise'),
  hangup: both('end-early', 'end-dropped'),
  talkedOut: both('end-silent', 'end-no-promise'),
  revoked: { cured: both('end-sorry', 'end-cured'), other: both('end-sorry', 'end-no-promise') },
};
