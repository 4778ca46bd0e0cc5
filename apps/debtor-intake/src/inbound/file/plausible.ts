/**
 * Whether text is Chinese as a bank writes it. Nearly any bytes are *some* GB18030, so decoding without an error proves nothing;
 * Big5, Shift-JIS, Korean and Western text read as GB18030 gives rare characters, or common ones in no order that means anything.
 */
import iconv from 'iconv-lite';

const SURNAMES = new Set(
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封官谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利' +
    '張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭蔣葉蘇魏呂盧鐘鍾譚陸範賈韋鄒龍賀顧龔萬錢嚴湯溫齊喬龐顏莊聶魯嶽歐關蘭甯紀畢單塗駱藍華饒時農簡車項連麥婁竇黨宮費衛應閔鄔邊師倉榮賴遊閻葛',
);

/** Words of salutations, products and headers. */
const WORDS =
  /先生|女士|小姐|您好|同志|老师|信用卡|贷记|金卡|白金|账户|帐户|账号|帐号|卡号|客户|姓名|手机|电话|金额|日期|币种|余额|还款|逾期|额度|流水|序号|人民币|银行|帳號|帳戶|客戶|電話|手機|金額|幣別|餘額|還款|逾期/u;

const UNUSED = /[\uFFFD\p{Co}\p{Cn}\p{Cs}\u0080-\u009f]/u;
const LETTER = /[^\p{ASCII}\u3000-\u303f\uff01-\uff5e\u2010-\u2026·￥]/gu;
const HAN_RUN = /\p{Script=Han}+/gu;
const COMMON_SHARE = 0.8;

const charactersOf = (encoding: string, leads: readonly [number, number], trails: readonly number[]): string => {
  const bytes: number[] = [];
  for (let lead = leads[0]; lead <= leads[1]; lead++) for (const trail of trails) bytes.push(lead, trail);
  return iconv.decode(Buffer.from(bytes), encoding);
};

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

let common: ReadonlySet<string> | null = null;

/** First levels of GB 2312 and Big5: the characters that names are made of, simplified and traditional. */
const commonCharacters = (): ReadonlySet<string> => {
  const high = range(0xa1, 0xfe);
  common ??= new Set([
    ...charactersOf('gb18030', [0xb0, 0xd7], high),
    ...charactersOf('big5', [0xa4, 0xc6], [...range(0x40, 0x7e), ...high]),
    ...SURNAMES,
  ]);
  return common;
};

const says = (line: string): boolean =>
  WORDS.test(line) || (line.match(HAN_RUN) ?? []).some((run) => run.length <= 4 && SURNAMES.has(run[0]!));

/** @param lines that are not plain ASCII, as GB18030 reads them */
export const isPlausibleChinese = (lines: readonly string[]): boolean => {
  const readable = lines.filter((line) => !UNUSED.test(line));
  const letters = readable.flatMap((line) => line.match(LETTER) ?? []);
  const known = commonCharacters();
  const usual = letters.filter((letter) => known.has(letter) && /\p{Script=Han}/u.test(letter)).length;
  return usual >= letters.length * COMMON_SHARE && readable.filter(says).length * 2 > lines.length;
};
