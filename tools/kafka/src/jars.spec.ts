import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { KAFKA_VERSION, parseSums } from './jars.js';

const read = (name: string) => readFile(new URL(`../${name}`, import.meta.url), 'utf8');

describe('the list of jars', () => {
  it('names the broker of the pinned version, which is the pom’s', async () => {
    const names = [...parseSums(await read('jars.sha256')).keys()];
    expect(names).toHaveLength(45);
    expect(names).toContain(`kafka_2.13-${KAFKA_VERSION}.jar`);
    expect(await read('pom.xml')).toContain(
      `<artifactId>kafka_2.13</artifactId>\n      <version>${KAFKA_VERSION}</version>`,
    );
  });

  it.each(['', 'abc  x.jar', `${'0'.repeat(64)}  ../x.jar`, `${'0'.repeat(64)}  x.txt`])(
    'is refused with a line like %j',
    (line) => {
      expect(() => parseSums(line)).toThrow(TypeError);
    },
  );
});
