import { parseScripts, type ScriptSource } from '@mora/dialogue';
import { describeProblem, problemsOf, type Strategy, StrategyUnfit } from '@mora/strategy';

/** A strategy with its scripts, ready to be compiled. */
export interface Playbook {
  readonly hash: string;
  readonly strategy: Strategy;
  readonly scripts: Readonly<Record<string, ScriptSource>>;
}

export type PlaybookOf = (hash: string) => Playbook | undefined;

const REMEMBERED = 8;

/**
 * Playbooks by hash; the scripts of a strategy are read once.
 * @throws StrategyUnfit where schema, compiler or lint has one problem: nobody is called by such a strategy
 */
export const playbooks = (strategyOf: (hash: string) => Strategy | undefined): PlaybookOf => {
  const known = new Map<string, Playbook>();
  return (hash) => {
    const found = known.get(hash);
    if (found) return found;
    const strategy = strategyOf(hash);
    if (!strategy) return undefined;
    const problems = problemsOf(strategy);
    if (problems.length > 0) throw new StrategyUnfit(hash, problems.map(describeProblem));
    const files = Object.entries(strategy.scripts).map(([name, content]) => [`${name}.yaml`, JSON.stringify(content)]);
    const playbook = { hash, strategy, scripts: parseScripts(Object.fromEntries(files)).scripts };
    known.set(hash, playbook);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    return playbook;
  };
};
