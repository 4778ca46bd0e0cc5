/**
 * What a debtor's answer to an SMS says. `N` not his number, `T` no SMS, `1` claims to have paid, `2` asks for a human; other
 * words are for a human to read, and stop at once what they ask to stop (`domain.md` 2.8, 6).
 */
import type { Channel, HandOverReason, StopKind, StopScope } from '@mora/contracts';

export type ReplyKind = 'N' | 'T' | '1' | '2' | 'other';

export interface ReplyStop {
  readonly kind: StopKind;
  readonly scope: StopScope;
  readonly channels: readonly Channel[];
}

export interface ReplyReading {
  readonly reply: ReplyKind;
  readonly stops: readonly ReplyStop[];
  readonly handOver: HandOverReason | null;
  /** It belongs into the worklist. */
  readonly forHuman: boolean;
}

const BOTH: readonly Channel[] = ['call', 'sms'];

const LOOK_ALIKE: Readonly<Record<string, string>> = { Т: 'T', Τ: 'T', Ν: 'N' };

/** Without width, case, signs, marks and invisible characters: what was meant to be typed. */
const bare = (said: string): string =>
  said
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\p{P}\p{S}\p{Z}\p{M}\p{C}]/gu, '')
    .replace(/[ТΤΝ]/gu, (one) => LOOK_ALIKE[one] ?? one);

/** Our own words, quoted in the answer. */
const QUOTED = /如已还款请忽略|如?非本人请回复N|我们将停止发送/gu;

const EXACT: readonly (readonly [ReplyKind, RegExp])[] = [
  ['N', /^(N|非本人|不是本人)$/u],
  ['T', /^(T|TD|T?退订T?|TD退订)$/u],
  ['1', /^[1一壹弌]$/u],
  ['2', /^[2二贰貳]$/u],
];

const kindOf = (text: string): ReplyKind => {
  const chosen = text.replace(/^(我?(回复|回覆|回|选择|選擇|选|選|按))/u, '');
  return EXACT.find(([, pattern]) => pattern.test(chosen))?.[0] ?? 'other';
};

const wrongPerson: ReplyStop = { kind: 'wrong-person', scope: 'number', channels: BOTH };
const claimsPaid: ReplyStop = { kind: 'claims-paid', scope: 'account', channels: BOTH };

const STOPS_OF: Readonly<Record<Exclude<ReplyKind, 'other'>, readonly ReplyStop[]>> = {
  N: [wrongPerson],
  T: [{ kind: 'stop-asked', scope: 'debtor', channels: ['sms'] }],
  '1': [claimsPaid],
  '2': [],
};

const NO_MORE =
  /(不要|不准|不许|不許|别|別|勿|停止|不想)(再|给我|給我|继续|一直|老|总)*(打|发|發|联系|聯繫|聯絡|来电|來電|收到)/u;

/** In the order of gravity; what is said of the debtor is believed also where it might mean less. */
const IN_WORDS: readonly (readonly [RegExp, ReplyStop])[] = [
  [
    /不想活|活不下去|想死|去死了算|自杀|自殺|轻生|輕生|跳楼|跳樓/u,
    { kind: 'distress', scope: 'debtor', channels: BOTH },
  ],
  [/去世|过世|過世|死亡|病故|人不在了|已故|身亡/u, { kind: 'deceased', scope: 'debtor', channels: BOTH }],
  [/住院|在医院|在醫院|昏迷|神志不清|被拘留|坐牢|服刑|被关押/u, { kind: 'incapable', scope: 'debtor', channels: BOTH }],
  [
    /投诉|投訴|举报|舉報|骚扰|騷擾|银保监|监管|消保|12378|报警|報警|律师函/u,
    { kind: 'complaint', scope: 'debtor', channels: BOTH },
  ],
  [/盗刷|盜刷|不是我(刷|消费|办)|没办过(卡|信用卡)|诈骗|詐騙/u, { kind: 'fraud', scope: 'debtor', channels: BOTH }],
  [
    /金额不对|金額不對|账单(不对|有误|错)|没(刷|消费)过|不欠|没欠|沒欠|有异议|有異議/u,
    { kind: 'disputed', scope: 'debtor', channels: BOTH },
  ],
  [
    /失业|失業|破产|破產|重病|生病|没钱|沒錢|还不起|還不起|无力|無力|没工作/u,
    { kind: 'hardship', scope: 'debtor', channels: BOTH },
  ],
  [/打错|发错|發錯|打錯|不认识|不認識|不是(本人|他|她|我的号)|认错人|没这个人|换号了/u, wrongPerson],
];

const PAID =
  /(已|已经|已經|刚|剛|刚刚|昨天|前天|今天|早就|全部?)(都)?(还|還)(了|过|過|清|款|上|完|好)|(还|還)(清了|过了|了款|完了)|付清了|(^|[^没沒未])(还|還)了$/u;
const NOT_PAID = /(没|沒|未|不)(有|能)?(还|還)|怎么算|算已还|是不是|吗|嗎|什么时候/u;

const STOP_WORDS = /^(STOP|UNSUBSCRIBE|CANCEL|QUIT|END)/u;

/** The channels that are named, else every one. */
const channelsNamed = (text: string): readonly Channel[] => {
  const call = /打|电话|電話|来电|來電|致电/u.test(text);
  const sms = /发|發|短信|简讯|簡訊|信息|消息/u.test(text);
  return call === sms ? BOTH : [call ? 'call' : 'sms'];
};

const stopAsked = (text: string): readonly ReplyStop[] =>
  STOP_WORDS.test(text)
    ? [{ kind: 'stop-asked', scope: 'debtor', channels: ['sms'] }]
    : NO_MORE.test(text) || /退订|取消(订阅|短信)/u.test(text)
      ? [{ kind: 'stop-asked', scope: 'debtor', channels: /退订|取消/u.test(text) ? ['sms'] : channelsNamed(text) }]
      : [];

const stopsInWords = (text: string): readonly ReplyStop[] => [
  ...IN_WORDS.filter(([pattern]) => pattern.test(text)).map(([, stop]) => stop),
  ...stopAsked(text),
  ...(PAID.test(text) && !NOT_PAID.test(text) ? [claimsPaid] : []),
];

const HUMAN =
  /人工|客服联系|真人|(回|打|来)(个)?(电话|電話)(给|給)?我?$|(给|給)我(回|打)(个)?(电话|電話)|请?(联系|聯繫)我$/u;

/** What counts from anybody who holds the number, as before identity in a call (`domain.md` 3.1). */
const ANYBODY: ReadonlySet<StopKind> = new Set(['wrong-person', 'distress', 'deceased', 'incapable', 'complaint']);

const ofAnybody = (stops: readonly ReplyStop[]): readonly ReplyStop[] =>
  stops.flatMap((stop) => (stop.kind === 'stop-asked' ? [wrongPerson] : ANYBODY.has(stop.kind) ? [stop] : []));

/** @param from `doubtful`: somebody else may read the number; what only the debtor can say is left to a human. */
export const readReply = (said: string, from: { readonly doubtful: boolean } = { doubtful: false }): ReplyReading => {
  const whole = bare(said);
  const reply = kindOf(whole);
  if (reply !== 'other') {
    const own = reply === 'N' || reply === 'T';
    const stops = from.doubtful && !own ? [] : STOPS_OF[reply];
    return {
      reply,
      stops,
      handOver: reply === '2' && !from.doubtful ? 'human-asked' : null,
      forHuman: from.doubtful && !own,
    };
  }
  const text = whole.replace(QUOTED, '');
  const stops = stopsInWords(text);
  const asksHuman = HUMAN.test(text) && !NO_MORE.test(text);
  return {
    reply,
    stops: from.doubtful ? ofAnybody(stops) : stops,
    handOver: asksHuman && !from.doubtful ? 'human-asked' : null,
    forHuman: true,
  };
};
