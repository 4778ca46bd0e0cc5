import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KafkaUnavailable } from './errors.js';
import { run } from './run.js';

const OLDEST_JAVA = 17;
const APT = '/usr/bin/apt-get';

type Say = (line: string) => void;

/** The first Java of 17 or newer: `JAVA_HOME`, then the path; installed when it is missing and may be. */
export const findJava = (say: Say): Promise<string> =>
  found({
    look: lookForJava,
    // Debian 12 has 17, later releases have only newer ones.
    packages: [['openjdk-17-jre-headless'], ['default-jre-headless']],
    what: `Java ${OLDEST_JAVA} or newer`,
    hint: 'openjdk-17-jre-headless on Debian and Ubuntu, openjdk@17 with Homebrew; or set JAVA_HOME',
    say,
  });

const lookForJava = async (): Promise<string | undefined> => {
  const home = process.env['JAVA_HOME'];
  for (const java of [...(home ? [join(home, 'bin', 'java')] : []), 'java']) {
    const { code, output } = await run(java, ['-version']);
    if (code === 0 && Number(/version "(\d+)/.exec(output)?.[1]) >= OLDEST_JAVA) return java;
  }
  return undefined;
};

/** Maven, only needed while jars are missing. */
export const findMaven = (say: Say): Promise<string> =>
  found({
    look: () => working('mvn', ['-version']),
    packages: [['maven']],
    what: 'Maven',
    hint: 'maven on Debian, Ubuntu and with Homebrew',
    say,
  });

/** openssl, only needed for certificates. */
export const findOpenssl = (say: Say): Promise<string> =>
  found({
    look: () => working('openssl', ['version']),
    packages: [['openssl']],
    what: 'openssl',
    hint: 'openssl on Debian, Ubuntu and with Homebrew',
    say,
  });

const working = async (program: string, args: readonly string[]): Promise<string | undefined> =>
  (await run(program, args)).code === 0 ? program : undefined;

interface Wanted {
  readonly look: () => Promise<string | undefined>;
  /** Sets of Debian packages to try in turn. */
  readonly packages: readonly (readonly string[])[];
  readonly what: string;
  readonly hint: string;
  readonly say: Say;
}

const found = async ({ look, packages, what, hint, say }: Wanted): Promise<string> => {
  const present = await look();
  if (present !== undefined) return present;
  if (process.getuid?.() === 0 && existsSync(APT)) {
    say(`Installing ${what} (apt-get) …`);
    for (const names of packages) {
      if ((await aptInstall(names)) === 0) break;
    }
    const installed = await look();
    if (installed !== undefined) return installed;
  }
  throw new KafkaUnavailable(`A local Apache Kafka needs ${what}, which is not here: install it (${hint}).`);
};

/** A machine may never have asked for the list of packages: then asks for it and tries once more. */
const aptInstall = async (names: readonly string[]): Promise<number> => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  const install = () => run(APT, [...wait, 'install', '-y', '--no-install-recommends', ...names], { env });
  const first = await install();
  if (first.code === 0) return 0;
  await run(APT, [...wait, 'update'], { env });
  return (await install()).code;
};
