export const makeCatalogue: (input: {
  readonly root: string;
  readonly contracts: Readonly<Record<string, unknown>>;
}) => string;
