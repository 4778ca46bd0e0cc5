/** Which of our columns a bank's own word may mean: offered to a person, never taken by itself. */
import { KNOWN_FIELDS } from '../../bank-record/columns.js';

const WORDS: Readonly<Record<string, readonly string[]>> = {
  account_id: [
    '账号',
    '帐号',
    '账户',
    '帐户',
    '账户号',
    '贷款账号',
    '卡账号',
    '帳號',
    '帳戶',
    'acct',
    'acct no',
    'acct id',
  ],
  customer_no: ['客户号', '客户编号', '客户代码', '客戶號', '客戶編號', 'cust', 'cust no', 'cust id', 'cif'],
  name: ['姓名', '客户姓名', '户名', '客戶姓名', '戶名', 'full name', 'customer name'],
  surname: ['姓', '姓氏', 'last name', 'family name'],
  salutation: ['称谓', '称呼', '稱謂', 'title'],
  phones: ['手机', '手机号', '手机号码', '电话', '电话号码', '联系电话', '手機', '電話', 'mobile', 'phone', 'tel'],
  currency: ['币种', '币别', '货币', '幣別', 'ccy', 'curr'],
  minimum_due: ['最低还款额', '最低还款', '最低应还', '最低应还额', '最低還款額', '最低應繳', 'min due', 'min payment'],
  paid_since_statement: ['已还金额', '本期已还', '账单后已还', '已還金額', 'paid'],
  due_date: ['到期日', '到期还款日', '还款日', '最后还款日', '应还日', '繳款截止日', '到期還款日', 'due'],
  card_tail: ['卡号后四位', '卡末四位', '尾号', '卡尾号', '卡號後四碼', 'last4', 'last four', 'card last 4'],
  dpd: ['逾期天数', '逾期天數', 'days past due', 'overdue days'],
  business_date: ['业务日期', '数据日期', '批次日期', '營業日', 'biz date', 'as of date', 'batch date'],
  bank_event_id: ['事件号', '事件编号', '流水号', '流水號', '记录号', 'event id', 'event no', 'record id', 'serial no'],
  bank_sequence: ['序号', '顺序号', '序號', 'seq', 'seq no'],
  credit_limit: ['额度', '信用额度', '額度', '信用額度', 'limit'],
  statement_balance: ['账单金额', '账单余额', '帳單金額', 'balance', 'stmt balance'],
  overdue_amount: ['逾期金额', '逾期金額', 'past due amount'],
  interest_to_date: ['利息', 'interest'],
  late_fee: ['滞纳金', '违约金', '滯納金', '違約金', 'fee'],
  product: ['产品', '产品名称', '產品', 'product name'],
  amount: ['金额', '还款金额', '交易金额', '金額', '還款金額', 'amt', 'payment amount'],
  value_date: ['起息日', '入账日', '入账日期', '入帳日'],
  posted_at: ['入账时间', '记账时间', '入帳時間', 'posting time'],
  payment_id: ['还款流水号', '交易流水号', '還款流水號', 'payment no', 'txn id'],
  reversal_of: ['原流水号', '原交易流水号', 'original payment'],
  record: ['记录类型', '類型', 'record type', 'type'],
  language: ['语言', '語言', 'lang'],
  time_zone: ['时区', '時區', 'tz'],
  grace_days: ['容时', '宽限期', '宽限天数', '寬限期'],
  tolerance: ['容差'],
};

const plain = (word: string): string =>
  word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

const BY_WORD: ReadonlyMap<string, string> = new Map(
  Object.entries(WORDS).flatMap(([field, words]) => words.map((word) => [plain(word), field] as const)),
);

const pairsOf = (word: string): readonly string[] =>
  Array.from({ length: Math.max(1, word.length - 1) }, (_, i) => word.slice(i, i + 2));

/** Share of letter pairs that two words have in common, 0 to 1. */
const likeness = (a: string, b: string): number => {
  const [x, y] = [pairsOf(a), [...pairsOf(b)]];
  const shared = x.filter((pair) => {
    const at = y.indexOf(pair);
    if (at >= 0) y.splice(at, 1);
    return at >= 0;
  }).length;
  return (2 * shared) / (x.length + pairsOf(b).length);
};

const ALIKE = 0.5;

/** The column of ours that is nearest to a word; null: none is near. */
export const nearestField = (word: string): string | null => {
  const said = plain(word);
  const exact = BY_WORD.get(said);
  if (exact !== undefined) return exact;
  const candidates = [...BY_WORD, ...[...KNOWN_FIELDS].map((field) => [plain(field), field] as const)];
  const [best] = candidates
    .map(([known, field]) => ({ field, score: likeness(said, known) }))
    .sort((a, b) => b.score - a.score);
  return best !== undefined && best.score >= ALIKE ? best.field : null;
};
