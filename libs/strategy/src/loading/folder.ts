import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoadedStrategy, loadStrategyFolder } from './load.js';

const yamlFilesIn = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(folder, { withFileTypes: true });
  return names.filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name)).map((entry) => entry.name);
};

/** Reads `*.yaml` and `scripts/*.yaml` of a package; the one place in this library that touches the disk. */
export const readStrategyFolder = async (path: string): Promise<LoadedStrategy> => {
  const own = await yamlFilesIn(path);
  const scripts = await yamlFilesIn(join(path, 'scripts')).catch(() => [] as readonly string[]);
  const names = [...own, ...scripts.map((name) => `scripts/${name}`)];
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), 'utf8')));
  return loadStrategyFolder(Object.fromEntries(names.map((name, at) => [name, texts[at]!])));
};
