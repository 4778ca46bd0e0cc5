/** Every figure's persisted id, Chinese name and definition, as the design's dashboard section has them. */
const D = {
  due: [
    'due_debtors',
    '应催',
    'Distinct debtors with an account open at a day plan of the period, or opened later that day',
  ],
  dueAccounts: [
    'due_accounts',
    '应催账户',
    'Distinct accounts open at a day plan of the period, or opened later that day',
  ],
  outbound: ['outbound', '外呼量', 'Distinct debtors with at least one attempt in the period'],
  dialed: ['dialed', '拨打量', 'Attempts when originated, redials included, trunk faults excluded'],
  faults: ['trunk_faults', '线路故障', 'Attempts that ended as trunk fault'],
  connect: ['connect_rate', '接通率', 'Answered by anyone (voicemail and doubt included) ÷ dialed'],
  connectPerson: ['connect_rate_person', '接通率(真人)', 'Answered by a person (machines out) ÷ dialed'],
  connectDebtor: ['connect_rate_debtor', '接通率(客户)', 'Debtors with at least one connected call ÷ outbound volume'],
  rpc: ['rpc_rate', '有效接触率', 'Debtors with at least one right-party conversation ÷ outbound volume'],
  reach: [
    'reach_rate',
    '触达率',
    'Debtors with at least one right-party conversation or delivered SMS (not n) ÷ debtors due',
  ],
  reachCalls: ['reach_rate_calls', '触达率(电话)', 'Debtors with at least one right-party conversation ÷ debtors due'],
  talk: [
    'talk_ms',
    'AI通话时长',
    'Sum of answer → end of robot calls that ended in the period, without what a human talked after a transfer',
  ],
  talkMean: ['talk_ms_mean', '平均通话时长', 'Talk time of conversations ÷ conversations'],
  talkMedian: ['talk_ms_median', '通话时长中位数', 'Median talk time of conversations'],
  promiseRate: [
    'promise_rate',
    '承诺率',
    'Accounts with a promise made in the period ÷ accounts with a right-party conversation',
  ],
  promises: ['promises_made', '承诺数', 'Promises made in the period, by number: an account may make several'],
  keptCount: [
    'promises_kept',
    '兑现数',
    'Promises whose result is kept, by number and by the day on which it was known; one that is open again counts no more',
  ],
  promised: ['promised_amount', '承诺金额', 'Sum promised in the period'],
  kept: ['kept_rate', '承诺兑现率', 'Promises kept ÷ (kept + partly + broken), by the day the result was known'],
  keptAmount: [
    'kept_rate_amount',
    '承诺兑现率(金额)',
    'Promised amount kept ÷ (kept + partly + broken), by the day of the result',
  ],
  voided: [
    'promises_voided',
    '承诺作废',
    'Promises voided in the period by a stop, dispute or hardship: neither kept nor broken',
  ],
  open: ['promises_open', '未到期承诺', 'Promises made in the period whose result is not known'],
  openAmount: [
    'promises_open_amount',
    '未到期承诺金额',
    'Sum of the promises made in the period whose result is not known',
  ],
  cured: ['cured', '治愈', 'Accounts cured in the period, each once; a cure that was taken back counts no more'],
  paid: [
    'paid_amount',
    '回款金额',
    'Payments to worked accounts less reversals, uncapped, by the day of their posting',
  ],
  handOvers: ['hand_overs', '转人工', 'Hand-overs to a human'],
  permitted: ['permitted', '放行', 'Contacts that the guard permitted'],
  denied: [
    'denied',
    '拦截',
    'Contacts that the guard denied; per rule, and per rule that alone stood in the way, under denials',
  ],
  released: [
    'reservations_released',
    '释放',
    'Reservations given back because the contact never left or was not connected',
  ],
  complaint: [
    'complaint_rate',
    '投诉率',
    'Complaints of debtors with a contact before, that day or in the 7 days before ÷ contacts × 10,000, by the day of the last contact',
  ],
  stops: [
    'stop_request_rate',
    '停呼率',
    'Stop requests of debtors with a contact before, that day or in the 7 days before ÷ contacts × 10,000, by the day of the last contact',
  ],
  smsSubmitted: ['sms_submitted', '短信提交', 'SMS submitted'],
  smsDelivered: ['sms_delivery_rate', '短信送达率', 'Delivered receipt within 48 h ÷ submitted, by day of submission'],
  smsPending: ['sms_pending', '短信待回执', 'SMS submitted in the period without a receipt so far'],
  smsReplies: ['sms_replies', '短信回复', 'Replies to SMS; cut by detail: of each kind'],
  smsParts: ['sms_segments', '短信条数', 'Parts of the SMS submitted'],
  unclear: ['unclear_rate', '未识别率', 'Unclear turns ÷ debtor turns (understood + unclear)'],
  complete: [
    'complete_rate',
    '完整率',
    'Conversations that came to an end with a decision (a promise, a refusal, a reason, a stop) ÷ conversations',
  ],
  personal: [
    'personalised_rate',
    '个性化覆盖率',
    'Right-party conversations with a line chosen by the debtor’s own answer or history ÷ right-party conversations',
  ],
  unknown: ['unknown_outcomes', '结果未知', 'Calls whose outcome stayed unknown'],
  entered: [
    'entered',
    '新入催',
    'Accounts that entered in the period owing something (nothing-due ones, and those that went on in another case by DPD 8, out)',
  ],
  cure3: ['cure_rate_3', '治愈率 DPD3', 'Of accounts that entered in the period: cured at the end of DPD 3 ÷ entered'],
  cure5: ['cure_rate_5', '治愈率 DPD5', 'Of accounts that entered in the period: cured at the end of DPD 5 ÷ entered'],
  cure8: ['cure_rate_8', '治愈率 DPD8', 'Of accounts that entered in the period: cured at the end of DPD 8 ÷ entered'],
  recovery: [
    'recovery_rate',
    '催回率',
    'Of accounts that entered in the period: min(payments less reversals posted up to DPD 8, unpaid minimum at entry) ÷ unpaid minimum at entry',
  ],
  roll: [
    'roll_rate',
    '流转率',
    'Of accounts that entered in the period and whose DPD 9 has come: owing more than the tolerance as it began ÷ those accounts',
  ],
  selfCure: [
    'self_cure_rate',
    '自愈率',
    'Cured by DPD 8 in the no-contact holdout, of accounts that could have been drawn into either group (0 < p < 1), weighted by 1/p, once DPD 8 is over',
  ],
  uplift: [
    'uplift',
    '提升',
    'Cure rate by DPD 8 of treated − holdout, both of accounts that could have been drawn into either (0 < p < 1), weighted by 1/p, once DPD 8 is over; with 95 % interval',
  ],
} as const satisfies Readonly<Record<string, readonly [string, string, string]>>;

export interface Definition {
  readonly id: string;
  readonly name: string;
  readonly definition: string;
}

export const base = (key: keyof typeof D): Definition => ({ id: D[key][0], name: D[key][1], definition: D[key][2] });
/** Definition of every figure by id. */
export const DEFINITIONS: readonly Definition[] = (Object.keys(D) as (keyof typeof D)[]).map(base);
