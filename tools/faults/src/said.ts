/** What is said on one side of the stage, and what the other side makes of it: one event for each. */
import { type Aggregate, append, type Command, command, createProcessor, type Processor, ref } from '@mora/eventing';

export const SOURCE = 'dialer';
export const SINK = 'guard';
export const SHARDS = 6;

type Said = { readonly type: 'Said'; readonly data: { readonly n: number; readonly pad: string } };
type Taken = { readonly type: 'Taken'; readonly data: { readonly n: number } };

const counted = (category: string): Aggregate<number, Said | Taken> => ({
  category,
  foldVersion: 1,
  initial: 0,
  snapshotEvery: 0,
  evolve: (count) => count + 1,
});
const saying = counted('said');
const taking = counted('taken');
const PAD = 'x'.repeat(200);

export const say = (subject: string, n: number): Command => {
  const stream = ref(saying, subject);
  return command({
    name: 'say',
    subject,
    streams: [stream],
    decide: () => [append(stream, { type: 'Said', data: { n, pad: PAD } })],
  });
};

/** It does not look whether it has one already: a double would be seen. */
export const taker: Processor = createProcessor<Said>()({
  name: 'taker',
  sources: [SOURCE],
  on: {
    Said: ({ subject, data }) => {
      const stream = ref(taking, subject);
      const { n } = data;
      return command({
        name: 'take',
        subject,
        streams: [stream],
        decide: () => [append(stream, { type: 'Taken', data: { n } })],
      });
    },
  },
});
