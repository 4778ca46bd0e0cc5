/** A wording that no script and no SMS may contain, and the act it would be. Our own list (CN-CONTENT). */
export interface ForbiddenWord {
  readonly pattern: RegExp;
  readonly act:
    | 'threat'
    | 'impersonation'
    | 'blacklist'
    | 'legal-effect'
    | 'shame'
    | 'third-party'
    | 'payment'
    | 'secret';
  readonly instead: string;
}

export const FORBIDDEN_WORDS: readonly ForbiddenWord[] = [
  { act: 'threat', pattern: /后果自负|一切后果|承担后果|严重后果/, instead: '说明事实,不预告后果' },
  { act: 'threat', pattern: /最后通牒|最后警告|最后(一)?次(机会|通知)|警告您|郑重警告/, instead: '提醒您' },
  { act: 'threat', pattern: /上门|外访|登门|到您(家|单位|公司)|找到您/, instead: '由工作人员与您联系' },
  {
    act: 'threat',
    pattern: /不还(就|的话)|别怪|等着(瞧|被)|走着瞧|对您不客气|采取(一切|强制)(措施|手段)/,
    instead: '说明可选的办法',
  },
  { act: 'threat', pattern: /必须(立即|马上|今天)|立即(全额)?还清|限您|勒令|责令/, instead: '请您尽快' },
  {
    act: 'impersonation',
    pattern:
      /公安|警察|警方|派出所|检察院|法院|法官|执行局|经侦|司法(局|机关|部门)|政府部门|律师函|律师事务所|法务部|监管(部门|局)(要求|通知)/,
    instead: '以银行自己的名义说话',
  },
  { act: 'blacklist', pattern: /黑名单|失信(人|被执行人|名单)|老赖|黑户|污点/, instead: '如实报送还款记录' },
  {
    act: 'legal-effect',
    pattern:
      /坐牢|判刑|刑事|犯罪|诈骗罪|拘留|逮捕|抓捕|通缉|立案|起诉您|查封|冻结(您|账户|财产)|强制执行|传票|限制(高消费|出境|乘坐)|(立即|马上)起诉/,
    instead: '按领用合约,可以依法主张债权',
  },
  {
    act: 'legal-effect',
    pattern: /永久(记录|影响)|一辈子|终身|影响(您)?(子女|孩子|家人|工作|贷款买房)/,
    instead: '不夸大征信影响',
  },
  {
    act: 'shame',
    pattern: /欠钱不还|不讲信用|没(有)?诚信|恶意(拖欠|透支|逃废)|可耻|丢人|不要脸|赖账|欠债还钱|赶紧还钱|曝光|公示/,
    instead: '不评价本人',
  },
  {
    act: 'third-party',
    pattern:
      /通知(您的?)?(家人|家属|亲友|朋友|同事|单位|公司|紧急联系人)|联系您的?(家人|家属|亲友|单位|公司|紧急联系人)|通讯录|村委会|居委会|您的(家人|单位|领导)/,
    instead: '只与本人联系',
  },
  {
    act: 'payment',
    pattern: /转(账|到)(我|个人账户)(?!.*不要)|私人账户|加(我)?微信|扫码还款|代偿|以贷还贷|借新还旧|向(亲友|朋友)借/,
    instead: '官方App还款,或转账到本卡',
  },
  {
    act: 'secret',
    pattern: /(请|麻烦您?)(告诉|提供|说出|输入|报)[^。]*(密码|验证码|CVV|安全码)/,
    instead: '从不询问密码和验证码',
  },
];

/**
 * The bare words of a line: what stands between them (spaces, points, unseen signs, the brackets of conditions) and another
 * width of the letters hide nothing.
 */
const bareOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\[!?[A-Za-z]+:/gu, '')
    .replace(/[\p{P}\p{S}\p{Z}\p{C}]/gu, '');

/** The forbidden wordings in a text, each with what was found. */
export function findForbidden(text: string): readonly { readonly found: string; readonly word: ForbiddenWord }[] {
  const bare = bareOf(text);
  return FORBIDDEN_WORDS.flatMap((word) => {
    const match = word.pattern.exec(text) ?? word.pattern.exec(bare);
    return match ? [{ found: match[0], word }] : [];
  });
}

/**
 * A text of the bank's own that is spoken inside a line (benefits, offers, a form of address); null: it is empty, fails the
 * lint or holds the signs of slots and conditions, and is then not spoken.
 */
export const speakable = (text: string | null): string | null =>
  text === null || text.trim() === '' || /[[\]{}]/.test(text) || findForbidden(text).length > 0 ? null : text;
