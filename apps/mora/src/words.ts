/** The language of answers on the screen: Chinese under a Chinese locale, else English. `--json` and the log know no language. */
import { CHINESE } from './words.zh.js';

export type Language = 'en' | 'zh';

/** @param environment as of the process: `MORA_LANG`, else what POSIX asks first to last */
export const languageOf = (environment: Readonly<Record<string, string | undefined>>): Language => {
  const locale = ['MORA_LANG', 'LC_ALL', 'LC_MESSAGES', 'LANG'].map((name) => environment[name]).find(Boolean);
  return locale !== undefined && /^zh/i.test(locale) ? 'zh' : 'en';
};

const LANGUAGE = languageOf(process.env);

/** A word or sentence in the reader's language; `{name}` stands for a value. An unknown one stays as it is. */
export const say = (
  text: string,
  values: Readonly<Record<string, unknown>> = {},
  language: Language = LANGUAGE,
): string =>
  (language === 'zh' ? (CHINESE[text] ?? text) : text).replace(/\{(\w+)\}/g, (all, name: string) =>
    name in values ? String(values[name]) : all,
  );
