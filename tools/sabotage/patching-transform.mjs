// A Jest transformer that applies one seeded bug (MORA_SABOTAGE: JSON of `{file, edits}` lists) to a source text in memory, then
// hands it to @swc/jest. The working tree is never touched.
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import swc from '@swc/jest';

const bug = process.env.MORA_SABOTAGE ?? '[]';
const patches = JSON.parse(bug);

/** @throws Error when a text to be replaced is not there exactly once: the bug must follow the code. */
export const sabotaged = (text, edits, file) =>
  edits.reduce((source, [search, replacement]) => {
    const found = source.split(search).length - 1;
    if (found !== 1) throw new Error(`${file}: found ${found} times instead of once: ${search}`);
    return source.replace(search, () => replacement);
  }, text);

export default {
  createTransformer: (options) => {
    const inner = swc.createTransformer(options);
    const patch = (text, path, config) => {
      const file = relative(config.rootDir, path);
      const edits = patches.filter((p) => p.file === file).flatMap((p) => p.edits);
      return edits.length === 0 ? text : sabotaged(text, edits, file);
    };
    return {
      ...inner,
      getCacheKey: (text, path, request) =>
        createHash('sha256')
          .update(bug)
          .update(inner.getCacheKey(text, path, request))
          .digest('hex'),
      process: (text, path, request) => inner.process(patch(text, path, request.config), path, request),
      processAsync: (text, path, request) => inner.processAsync(patch(text, path, request.config), path, request),
    };
  },
};
