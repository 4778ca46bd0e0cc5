/** Content of policies as events of `policy-<hash>`: tiering's second source, of one shard. */
import type { PolicyEvent } from '@mora/contracts';
import { type Aggregate, append, type Command, command, ref } from '@mora/eventing';

interface Policy {
  readonly parts: readonly number[];
}

const policy: Aggregate<Policy, PolicyEvent> = {
  category: 'policy',
  foldVersion: 1,
  initial: { parts: [] },
  evolve: (state, event) => ({ parts: [...state.parts, event.data.part] }),
};

/** Publishes a policy's parts once; again it yields nothing. */
export const publishPolicy = (input: {
  readonly kind: PolicyEvent['data']['kind'];
  readonly hash: string;
  readonly name: string;
  readonly blobs: readonly string[];
  readonly by: string;
}): Command => {
  const own = ref(policy, input.hash);
  return command({
    name: 'policy.publish',
    subject: own.stream,
    shard: 0,
    streams: [own],
    about: { correlationId: own.stream, actor: { kind: 'human', id: input.by } },
    decide: ([state]) =>
      input.blobs.flatMap((blob, part) =>
        state.parts.includes(part)
          ? []
          : [
              append(own, {
                type: 'PolicyPublished',
                data: {
                  kind: input.kind,
                  hash: input.hash,
                  name: input.name,
                  part,
                  parts: input.blobs.length,
                  blob,
                  by: input.by,
                },
              }),
            ],
      ),
  });
};
