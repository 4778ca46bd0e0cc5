export const findBrokenPaths: (root: string) => string[];
