export interface Proportion {
  readonly cured: number;
  readonly of: number;
}

/** Sums over a group whose members are weighed by the inverse of their chance to be in it. */
export interface Weighed {
  readonly weight: number;
  readonly weightSquared: number;
  readonly curedWeight: number;
}

/** The same proportion of as many equal members as would be known as well (Kish); of an empty group 0 of 0. */
export const proportionOf = ({ weight, weightSquared, curedWeight }: Weighed): Proportion => {
  if (weight === 0) return { cured: 0, of: 0 };
  const of = (weight * weight) / weightSquared;
  return { cured: (of * curedWeight) / weight, of };
};

const Z95 = 1.959963984540054;

/** Wilson's score interval of a proportion. */
const wilson = ({ cured, of }: Proportion): readonly [number, number] => {
  const p = cured / of;
  const z2 = Z95 * Z95;
  const centre = p + z2 / (2 * of);
  const spread = Z95 * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  const scale = 1 + z2 / of;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
};

/** 95 % interval of `a − b` (Newcombe's method 10: good for small groups and for rates near 0 or 1). Both groups not empty. */
export const differenceInterval = (a: Proportion, b: Proportion): readonly [number, number] => {
  const [pa, pb] = [a.cured / a.of, b.cured / b.of];
  const [la, ua] = wilson(a);
  const [lb, ub] = wilson(b);
  return [pa - pb - Math.sqrt((pa - la) ** 2 + (ub - pb) ** 2), pa - pb + Math.sqrt((ua - pa) ** 2 + (pb - lb) ** 2)];
};
