import { draw } from './chance.js';

export interface Invented {
  readonly name: string;
  readonly surname: string;
  /** In the book's format; `+999` is assigned to no country, so the numbers can reach nobody. */
  readonly phones: string;
  readonly cardTail: string;
}

const surnames = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡'];
/** Used for any person: a name tells nothing of sex here. */
const given = [...'安宁晓文思远子航一宇辰佳雨清然明哲之言知行书乐天和平嘉景若海星云川'];

const at = (list: readonly string[], chance: number): string => list[Math.floor(chance * list.length)] ?? list[0]!;

const number = (index: number, place: number): string => `+999${place}${String(index + 1).padStart(8, '0')}`;

/** A person who does not exist: of the row's place and the seed alone, never of the client's attributes. */
export const invented = (seed: number | string, index: number): Invented => {
  const of = (purpose: string): number => draw(seed, purpose, index);
  const surname = at(surnames, of('surname'));
  const name = `${surname}${at(given, of('given-1'))}${of('short') < 0.25 ? '' : at(given, of('given-2'))}`;
  const second = of('second-phone') < 0.35 ? `;${number(index, 2)}|other-own|2` : '';
  return {
    name,
    surname,
    phones: `${number(index, 1)}|registered|1${second}`,
    cardTail: String(Math.floor(of('tail') * 10_000)).padStart(4, '0'),
  };
};
