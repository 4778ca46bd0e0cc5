/** Threats, false authority, invented blacklists, exaggerated legal effect: never in a text (rule CN-CONTENT; our list). */
export const forbiddenWords: readonly string[] = [
  '公安',
  '警察',
  '警方',
  '检察院',
  '刑事',
  '犯罪',
  '诈骗罪',
  '坐牢',
  '拘留',
  '逮捕',
  '通缉',
  '立案',
  '传票',
  '律师函',
  '强制执行',
  '查封',
  '冻结',
  '黑名单',
  '老赖',
  '失信被执行',
  '限制高消费',
  '限制出境',
  '上门',
  '曝光',
  '公示',
  '通讯录',
  '您的家人',
  '您的单位',
  '您的领导',
  '后果自负',
  '最后通牒',
  '最后一次机会',
  '立即起诉',
  '马上起诉',
  '影响子女',
  '终身',
  '赶紧还钱',
  '欠债还钱',
  '恶意拖欠',
  '恶意透支',
];

const protectedWords = new Set([
  'sex',
  'gender',
  'age',
  'birthdate',
  'birthday',
  'marriage',
  'marital',
  'married',
  'education',
  'educated',
  'ethnicity',
  'ethnic',
  'race',
  'religion',
]);
const protectedChinese: readonly string[] = [
  '性别',
  '年龄',
  '婚姻',
  '婚否',
  '学历',
  '教育程度',
  '民族',
  '种族',
  '宗教',
];

/** The protected attribute a key or an expression names; null: none. `language` and `message` name none. */
export const protectedAttributeIn = (text: string): string | null => {
  const words = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.find((word) => protectedWords.has(word)) ?? protectedChinese.find((word) => text.includes(word)) ?? null;
};

/** Forbidden words in a text, in the order of the list. */
export const forbiddenWordsIn = (text: string): readonly string[] => {
  const bare = text.replace(/[\s·.,，。、*_-]/g, '');
  return forbiddenWords.filter((word) => bare.includes(word));
};
