// Seeded bugs of the event core, the Kafka feed and the processes: what is broken, where, and which tests must notice (`lane`, file and title patterns).
const CORE = 'libs/eventing/src';
const PG = 'libs/event-store-postgres/src';
const MEMORY = { lane: 'pure', file: 'libs/test-kit/src/event-core/memory' };
const ON_PG = { lane: 'int', file: `${PG}/contracts` };
const MANY = { lane: 'int', file: `${PG}/(concurrency|postgres-store)` };
const RESTORE = { lane: 'int', file: `${PG}/restore` };

const KAFKA = 'libs/event-feed-kafka/src';
const PUBLISHER = { lane: 'pure', file: `${KAFKA}/publisher` };

const GRPC = 'libs/grpc/src';
/** One edit of the gRPC door, or of another file beside it, that its own specs notice. */
const atTheDoor = (name, title, edit, file = 'grpc-door.ts') => ({
  name: `gRPC: ${name}`,
  patches: [{ file: `${GRPC}/${file}`, edits: [edit] }],
  lane: 'int',
  file: `${GRPC}/grpc-door`,
  title,
});

const RULES = 'libs/contact-rules/src';
/** One edit of the exception for the SMS that acknowledges a reply. */
const inAcknowledging = (name, title, edit) => ({
  name: `acknowledgement: ${name}`,
  patches: [{ file: `${RULES}/acknowledged.ts`, edits: [edit] }],
  lane: 'pure',
  file: `${RULES}/rules`,
  title,
});

const ANALYTICS = 'apps/analytics/src';
/** One edit of analytics that a figure's own case notices. */
const inFigures = (name, title, file, edit) => ({
  name: `figures: ${name}`,
  patches: [{ file: `${ANALYTICS}/${file}`, edits: [edit] }],
  lane: 'pure',
  file: `${ANALYTICS}/figures/figures`,
  title,
});
export const BUGS = [
  inAcknowledging('the guard permits a second one', 'does not go a second time', [
    'contacts.some(({ acknowledges }) => acknowledges === reply.fact)',
    'contacts.length > 99',
  ]),
  inAcknowledging('it passes stops of other events', 'while the stop is of another event', [
    'stop.evidence === reply.fact && stop.kind',
    'stop.kind',
  ]),
  inFigures(
    'money of after DPD 8 is recovered too',
    'recovers nothing of what is posted after',
    'views/cases.view.ts',
    ['dpdAt(row, data.postedAt, fact) <= 8 ? sign', 'dpdAt(row, data.postedAt, fact) <= 99 ? sign'],
  ),
  inFigures('unfinished accounts count as not rolled', 'rolls no account whose DPD 9', 'figures/cohort-figures.ts', [
    'rolled, mature,',
    'rolled, entered,',
  ]),
  inFigures('who could not be held out is compared too', 'compares only accounts', 'views/cases.view.ts', [
    'probability < 1 && options.every((option) => option.eligible)',
    'options.length > 0',
  ]),
  inFigures('an early cure of unfinished days counts', 'takes no early cure', 'figures/cohort-figures.ts', [
    'if (held.of === 0)',
    'if (held.of < 0)',
  ]),
  inFigures('machines talk in the mean', 'mean and the median of talk', 'figures/counters.ts', [
    'd.conversation ? d.talkMs : 0',
    'd.talkMs',
  ]),
  inFigures('a result is taken back on the day of reopening', 'takes a result back', 'figures/counters.ts', [
    'on: d.settledAt, ',
    '',
  ]),
  inFigures('money counts when it is told', 'on the day of its posting', 'views/daily-figures.view.ts', [
    'count.on ?? at',
    'at',
  ]),
  inFigures('a complaint restates nothing', 'counts a complaint on the day of the last', 'figures/figures.ts', [
    'knownBy: question.period.to',
    "knownBy: '9999-12-31'",
  ]),
  inFigures('a third party may not ask to stop', 'a third party who asks to stop', 'views/complaints.view.ts', [
    'everywhere ? [[',
    '!everywhere ? [[',
  ]),
  inFigures('promises of two currencies are two rates', 'never sums two currencies', 'figures/reads.ts', [
    'Map.groupBy(parts, (part) => part.cut)',
    'Map.groupBy(parts, (part) => part.currency)',
  ]),
  {
    name: "a stream's trace forgotten",
    patches: [{ file: `${CORE}/writer/batch.ts`, edits: [['if (found) return found;', 'if (found) return null;']] }],
    ...MEMORY,
    title: 'goes on in the trace',
  },
  {
    name: 'a span may say anything',
    patches: [
      {
        file: 'libs/telemetry/src/trace.ts',
        edits: [['.filter(([name]) => SPAN_ATTRIBUTES.includes(name))', '']],
      },
    ],
    lane: 'pure',
    file: 'libs/telemetry/src/trace',
    title: 'says only what it may',
  },
  {
    name: 'head lock removed',
    patches: [
      {
        file: `${PG}/locking.ts`,
        edits: [
          ['where shard = any($1::int[]) order by shard for update`', 'where shard = any($1::int[]) order by shard`'],
        ],
      },
      {
        file: `${PG}/write-statement.ts`,
        edits: [
          ['where shard = any($1::int[]) order by shard for update)', 'where shard = any($1::int[]) order by shard)'],
        ],
      },
    ],
    ...ON_PG,
    title: 'lets one locked writer in after the other',
  },
  {
    name: 'lock and load merged into one statement',
    patches: [
      {
        file: `${PG}/postgres-store.ts`,
        edits: [
          // What one statement would see: the streams as they were before the wait for the lock.
          [
            'const heads = await lockHeads(client, shards);',
            "const before = await this.connections.query<{ shard: number; stream: string }>('select distinct shard, stream from events'); const early = new Map(await Promise.all(before.map(async (s) => [s.stream, (await load(client, [{ ...s, foldVersion: 1 }]))[0]] as const))); const heads = await lockHeads(client, shards);",
          ],
          [
            'load: (streams) => load(client, streams),',
            'load: async (streams) => streams.flatMap((s) => early.get(s.stream) ?? []),',
          ],
        ],
      },
    ],
    ...ON_PG,
    title: 'lets one locked writer in after the other',
  },
  {
    name: 'gap check removed',
    patches: [
      {
        file: `${CORE}/feed/checkpoint.ts`,
        edits: [["return event.position === at.position + 1 ? 'next' : 'gap';", "return 'next';"]],
      },
    ],
    ...MEMORY,
    title: 'of a delivery with a gap|any mangled delivery',
  },
  {
    name: 'epoch ignored by readers',
    patches: [
      {
        file: `${CORE}/store/epoch.ts`,
        edits: [['if (from.position >= b.base) from = { epoch: b.epoch, position: b.base };', '']],
      },
    ],
    ...MEMORY,
    title: 'drops no fact|goes on in a new epoch',
  },
  {
    name: 'lost history not noticed',
    patches: [
      { file: `${CORE}/store/epoch.ts`, edits: [['if (claim.position > head)', 'if (claim.position > head + 1e9)']] },
    ],
    ...RESTORE,
    title: 'when a subscriber is ahead',
  },
  {
    name: 'checkpoint outside the transaction',
    patches: [
      {
        file: `${CORE}/store/memory-store.ts`,
        edits: [
          [
            'return this.exclusively(async () => this.apply(write));',
            'const rest = { ...write, heads: [], events: [], snapshots: [], setTimers: [], clearTimers: [], park: [], unpark: [], side: [] }; return this.exclusively(async () => this.apply({ ...write, checkpoints: [] })).then((result) => new Promise((done) => setTimeout(() => done(result), 1))).then(async (result) => { await this.exclusively(async () => this.apply(rest)); return result as CommitResult; });',
          ],
        ],
      },
    ],
    ...MEMORY,
    title: 'when two replicas read the same shard|only together with the effects|delivered twice',
  },
  {
    name: 'checkpoint not compared',
    patches: [{ file: `${PG}/write-statement.ts`, edits: [["'and marks_ok.yes'", "''"]] }],
    ...ON_PG,
    title: 'moves a checkpoint only from where it is',
  },
  {
    name: 'tail hides what another replica wrote',
    patches: [
      {
        file: `${CORE}/feed/tail.ts`,
        edits: [
          [
            'if (last && (last.epoch !== first.epoch || last.position + 1 !== first.position)) kept.length = 0;',
            'void last;',
          ],
        ],
      },
    ],
    ...MEMORY,
    title: 'hides no event',
  },
  {
    name: 'parked without waiting behind',
    patches: [
      {
        file: `${CORE}/writer/deciding.ts`,
        edits: [['if (!park && progress.waiting.has(event.subject)) park = WAITS;', '']],
      },
    ],
    ...MEMORY,
    title: 'parks a poisonous fact',
  },
  {
    name: 'the unstorable one’s debtor does not wait',
    patches: [
      {
        file: `${CORE}/writer/taking-apart.ts`,
        edits: [['for (const p of outcome.parked) waiting.add(p.subject);', '']],
      },
    ],
    ...MEMORY,
    title: 'whose effect the store cannot hold',
  },
  {
    name: 'timer not cleared in the transaction',
    patches: [
      {
        file: `${CORE}/writer/timer-changes.ts`,
        edits: [['clearTimers: timers.filter((t) => t.dueAt === null)', 'clearTimers: timers.filter(() => false)']],
      },
    ],
    ...MEMORY,
    title: 'timers on',
  },
  {
    name: 'a replaced timer fires',
    patches: [{ file: `${CORE}/writer/timer-changes.ts`, edits: [['return stillWanted;', 'return true;']] }],
    ...MEMORY,
    title: 'timers on',
  },
  {
    name: 'causality ignored',
    patches: [
      {
        file: `${CORE}/processor/causality.ts`,
        edits: [
          ['if (cursor.epoch < wanted[0] ||', 'if (cursor.epoch < -1 ||'],
          ['cursor.position < wanted[1])) return false;', 'cursor.position < -1)) return false;'],
        ],
      },
    ],
    ...MEMORY,
    title: 'never sees an effect before its cause',
  },
  {
    name: 'fold version of a snapshot ignored',
    patches: [{ file: `${PG}/loading.ts`, edits: [['and s.fold_version = w.fold_version', '']] }],
    ...ON_PG,
    title: 'fold version',
  },
  {
    name: 'silence on outdated memory',
    patches: [
      {
        file: `${CORE}/writer/writing.ts`,
        edits: [
          [
            'const result = await store.commit(write);',
            "const result = batch.envelopes.length === 0 && items.every((i) => !i.feed && !i.timer) ? ({ status: 'committed', recordedAt: '' } as const) : await store.commit(write);",
          ],
        ],
      },
    ],
    ...ON_PG,
    title: 'neither keeps silent',
  },
  {
    name: 'head not compared',
    patches: [
      {
        file: `${PG}/write-statement.ts`,
        edits: [
          ['join known k on k.shard = l.shard and k.was = l.position', 'join known k on k.shard = l.shard'],
          ['where shard = $1::int and position = $2::bigint and', 'where shard = $1::int and $2::bigint >= 0 and'],
        ],
      },
    ],
    ...MANY,
    title: 'every one of 16 writers',
  },
  {
    name: 'epoch not compared by writers',
    patches: [
      {
        file: `${PG}/write-statement.ts`,
        edits: [
          ['position = $2::bigint and epoch = $5::int and', 'position = $2::bigint and $5::int > 0 and'],
          ['k.was = l.position where l.epoch = $5::int)', 'k.was = l.position where $5::int > 0)'],
        ],
      },
    ],
    ...RESTORE,
    title: 'only in the new epoch',
  },
  {
    name: 'epoch not compared in silence',
    patches: [{ file: `${PG}/run-write.ts`, edits: [['where h.epoch = $3`', 'where $3::int > 0`']] }],
    ...ON_PG,
    title: 'in an epoch that is over|of an epoch that is over',
  },
  {
    name: 'parked events not claimed',
    patches: [
      {
        file: `${CORE}/writer/deciding.ts`,
        edits: [['if (feed.redrive) batch.marks.claim(key);', '']],
      },
    ],
    ...MEMORY,
    title: 'when two replicas drive them again',
  },
  {
    name: 'claims not compared by the database',
    patches: [{ file: `${PG}/write-statement.ts`, edits: [["'and claims_ok.yes'", "''"]] }],
    ...ON_PG,
    title: 'when two replicas drive them again',
  },
  {
    name: 'a stopped feed starts again',
    patches: [
      {
        file: `${CORE}/processor/consumer.ts`,
        edits: [
          ['if (slice.isStopped) return this.lookAgain();', ''],
          ['!this.stopped && !slice.isStopped;', '!this.stopped;'],
        ],
      },
    ],
    ...MEMORY,
    title: 'stays stopped',
  },
  {
    name: 'a stop forgotten at the restart',
    patches: [{ file: `${CORE}/writer/feed-marks.ts`, edits: [['stops: this.stops,', 'stops: [],']] }],
    ...MEMORY,
    title: 'stays stopped',
  },
  {
    name: 'a whole batch parked before the alarm',
    patches: [{ file: `${CORE}/writer/deciding.ts`, edits: [['return !reason;', 'return true;']] }],
    ...MEMORY,
    title: 'stays stopped',
  },
  {
    name: 'a failed timer deleted',
    patches: [
      {
        file: `${CORE}/writer/deciding.ts`,
        edits: [['if (item.timer) batch.keepTimer', 'if (item.timer && isRetryLater(error)) batch.keepTimer']],
      },
    ],
    ...MEMORY,
    title: 'whose decision throws stay due',
  },
  {
    name: 'only one page of due timers seen',
    patches: [
      {
        file: `${CORE}/timers/timers.ts`,
        edits: [['if (after === undefined || due.length < PAGE) return;', 'return;']],
      },
    ],
    ...MEMORY,
    title: 'do not stand before others',
  },
  {
    name: 'a stream that cannot be folded fails its batch',
    patches: [
      { file: `${CORE}/writer/loading.ts`, edits: [['batch.setUnreadable(streamRef.stream, error);', 'throw error;']] },
    ],
    ...MEMORY,
    title: 'one command of five whose stream is unfoldable|holds up its own debtor in a feed',
  },
  {
    name: 'the debtor of an unreadable stream not parked',
    patches: [
      {
        file: `${CORE}/writer/deciding.ts`,
        edits: [['if (error instanceof StreamUnreadable) batch', 'if (error === null) batch']],
      },
    ],
    ...MEMORY,
    title: 'one command of five',
  },
  {
    name: 'what is no command reaches the batch',
    patches: [
      {
        file: `${CORE}/processor/consumer.ts`,
        edits: [['if (commands.every(isCommand)) return commands;', 'return commands as never;']],
      },
    ],
    ...MEMORY,
    title: 'a reaction that makes no command',
  },
  {
    name: 'a part of a batch wakes nobody',
    patches: [
      {
        file: `${CORE}/processor/consumer.ts`,
        edits: [['slice.cursor = slice.stored;\n        this.wakeOthers(slice);', 'slice.cursor = slice.stored;']],
      },
    ],
    ...MEMORY,
    title: 'wakes what waits for a part',
  },
  {
    name: 'names that every object has',
    patches: [
      {
        file: `${CORE}/processor/processor.ts`,
        edits: [['Object.hasOwn(on, type) ? on[type] : undefined', 'on[type]']],
      },
    ],
    ...MEMORY,
    title: 'takes an event for what it is called',
  },
  {
    name: 'a listener fails the batch',
    patches: [
      { file: `${CORE}/writer/shard-writer.ts`, edits: [['this.options.onTellingFailed?.(error);', 'throw error;']] },
    ],
    ...MEMORY,
    title: 'somebody who hears of the commit fails',
  },
  {
    name: 'event ids not unique',
    patches: [{ file: `${PG}/schema.ts`, edits: [[',\n       unique (shard, id)', '']] }],
    ...ON_PG,
    title: 'holds every event id',
  },
  {
    name: 'a clock ahead of the database appends',
    patches: [
      {
        file: `${PG}/write-statement.ts`,
        edits: [['const MOST_AHEAD_MS = MOST_SKEW_MS;', 'const MOST_AHEAD_MS = 1e12;']],
      },
    ],
    ...ON_PG,
    title: 'appends nothing by a real clock',
  },
  {
    name: 'how far the time of a decision is ahead not told',
    patches: [
      {
        file: `${CORE}/writer/batch.ts`,
        edits: [['return ahead > Math.abs(measured) ? ahead : measured;', 'return measured;']],
      },
    ],
    ...MEMORY,
    title: 'tells a decision how far its time',
  },
  {
    name: 'a word from a time to come counts',
    patches: [{ file: `${KAFKA}/shard-buffer.ts`, edits: [['this.isOfNow(mark) ? mark.at : NEVER', 'mark.at']] }],
    lane: 'pure',
    file: `${KAFKA}/shard-buffer`,
    title: 'from a time to come',
  },
  {
    name: 'answer of a Kafka send not compared',
    patches: [
      {
        file: `${KAFKA}/publisher.ts`,
        edits: [
          ['if (!answer.some(({ partition, errorCode }) => partition === shard && errorCode === 0))', 'if (!answer)'],
        ],
      },
    ],
    ...PUBLISHER,
    title: 'sends again what the answer does not name',
  },
  {
    name: 'two Kafka sends of a partition in flight',
    patches: [
      {
        file: `${KAFKA}/publisher.ts`,
        edits: [['const turn = this.turns[shard]!.then(work);', 'const turn = work();']],
      },
    ],
    ...PUBLISHER,
    title: 'at most one send in flight',
  },
  {
    name: 'failed Kafka batch dropped',
    patches: [
      {
        file: `${KAFKA}/publisher.ts`,
        edits: [
          ['await this.pause(failures);\n    }\n  }\n\n  /** The broker', 'return;\n    }\n  }\n\n  /** The broker'],
        ],
      },
    ],
    ...PUBLISHER,
    title: 'repeats a failed send',
  },
  {
    name: 'wedged Kafka producer kept',
    patches: [
      {
        file: `${KAFKA}/publisher.ts`,
        edits: [['if (isUseless || lane.failures >= FAILURES_OF_ONE_PRODUCER) this.replace(lane);', '']],
      },
    ],
    ...PUBLISHER,
    title: 'is replaced at its first',
  },
  {
    name: 'hole in a topic hidden',
    patches: [
      {
        file: `${KAFKA}/shard-buffer.ts`,
        edits: [['return contiguous(cursor, delivery).events;', 'return delivery;']],
      },
    ],
    lane: 'pure',
    file: `${KAFKA}/shard-buffer`,
    title: 'never hides a hole',
  },
  {
    name: 'lease granted to everybody',
    patches: [
      {
        file: 'libs/service/src/process/lease.ts',
        edits: [['pg_try_advisory_lock($1, hashtext($2)) as got', '($1::int > 0 and hashtext($2) is not null) as got']],
      },
    ],
    lane: 'int',
    file: 'libs/service/src/process/lease',
    title: 'is held by one of two',
  },
  atTheDoor('a method without a handler is served', 'when a method has no handler', [
    '.filter(({ name }) => !handled.has(name))',
    '.filter(() => false)',
  ]),
  atTheDoor('a handler without a method is ignored', 'when a handler has no method', [
    '.filter((name) => !known.has(name))',
    '.filter(() => false)',
  ]),
  atTheDoor('hidden services are unknown', 'when a handler has no method', ['...hidden.flatMap(methodsOf)', '']),
  atTheDoor('the last of two handlers serves', 'two of the same', ['this.messageHandlers.size === before', 'false']),
  atTheDoor('no answer is an empty one', 'returns nothing', [
    "if (typeof answer !== 'object' || answer === null)",
    'if (false)',
  ]),
  atTheDoor('null is an empty answer', 'returns null', [' || answer === null', ' || (answer ??= {}) === null']),
  atTheDoor('who failed says nothing', 'leaves no caller waiting', ['reply(answer);', '']),
  atTheDoor('a failed Observable is taken for an answer', 'an Observable that fails', [
    'isObservable(result) ? await lastValueFrom(result) : result',
    'result',
  ]),
  atTheDoor('what passes the filters by is told nobody', 'passes its filters on', ['onInternal?.(error)', 'error']),
  atTheDoor('bytes that are no message reach the handler', 'never reach Nest', [
    'if (decoded.answer !== null) return refuse(decoded.answer);',
    'if (decoded.answer !== null) return pass({});',
  ]),
  atTheDoor('closing again closes again', 'is closed once', ['this.closing ??= new', 'this.closing = new']),
  atTheDoor('no grace', 'within the grace', ['server.forceShutdown(), graceMs', 'server.forceShutdown(), 0']),
  atTheDoor('grace without end', 'within the grace', [
    'setTimeout(() => server.forceShutdown()',
    'setTimeout(() => {}',
  ]),
  atTheDoor('the port it got is forgotten', 'keeps the port', ['this.port = await', 'await']),
  atTheDoor('a taken port is any error', 'names a port in use', ['/EADDRINUSE/', '/TAKEN/']),
  atTheDoor('requests of any size', 'a message too large', [
    "'grpc.max_receive_message_length': Math.min(maxMessageBytes, largestRequest(services)),",
    '',
  ]),
  atTheDoor('answers of any size', 'no answer that is too large', [
    "'grpc.max_send_message_length': maxMessageBytes,",
    '',
  ]),
  atTheDoor('handlers do not get the call', 'a request is in hand', [
    'handler(call.request, call.metadata, call)',
    'handler(call.request, call.metadata)',
  ]),
  atTheDoor(
    'a refusal is an internal error',
    'passes its filters on',
    ["name === 'CommandRefused'", "name === 'Refused'"],
    'answers.ts',
  ),
  atTheDoor(
    'the filter answers nothing itself',
    'keeps the words',
    ['Object.assign(new Error(answer.message), refusal(answer), { name })', 'error'],
    'grpc-error.filter.ts',
  ),
  atTheDoor(
    'a trace does not say what failed',
    'with the name of the error',
    ['refusal(answer), { name })', 'refusal(answer))'],
    'grpc-error.filter.ts',
  ),
];
