/** Who is at the other end of an answered call. */
export type Answerer = 'debtor' | 'third-party' | 'stranger' | 'machine';

/** What the carrier sees of one call; a function of its inputs alone. */
export interface CallCourse {
  /** Seconds from the INVITE to the first ring; 0 when it never rings. */
  readonly postDialSeconds: number;
  /**
   * Seconds of ringing until the answer or the carrier's final word. A call that nobody answers rings 60: the gateway cuts it at
   * its own ring limit (CANCEL, 487, no-answer).
   */
  readonly ringSeconds: number;
  /** Final SIP code: 200 answered, else 404, 408, 480, 486, 503, 603, … */
  readonly sipCode: number;
  readonly q850: number | null;
  /** What the carrier says in words (`空号`, `关机`, `停机` …); null: nothing. */
  readonly announcement: string | null;
  readonly answered: boolean;
  /** What answering-machine detection hears; null when nobody answered. */
  readonly amd: { readonly result: 'person' | 'machine' | 'doubt'; readonly confidence: number } | null;
  readonly who: Answerer | null;
}

/** What the robot just asked, and what the debtor knows of his account. */
export interface Ask {
  /** State of the script, such as `greet` or `remind`; unknown names are answered by what they expect. */
  readonly state: string;
  /** Intents that the state expects; a reply names one of these or of `globals`. */
  readonly expectedIntents: readonly string[];
  /** Global intents understood now; absent: all of them are. */
  readonly globals?: readonly string[];
  readonly promptId: string;
  readonly turnIndex: number;
  readonly facts: AskFacts;
}

export interface AskFacts {
  /** Local date of the call. */
  readonly today: string;
  /** Latest date that a promise may name. */
  readonly limitDate: string;
  /** Minor units. */
  readonly unpaidMinimum: number;
  /** What is left of the whole statement, minor units. */
  readonly statementBalance?: number | null;
  /** Business instant of the turn; absent: callback times are not named. */
  readonly at?: string;
}

export interface ReplySlots {
  readonly date?: string;
  /** Local time of day, `15:30`. */
  readonly time?: string;
  /** Minor units. */
  readonly amount?: number;
  /** Identity digits, as compared on the keypad. */
  readonly digitsMatch?: boolean;
}

export interface Said {
  readonly kind: 'said';
  readonly intent: string;
  /** Below 0.5: a mumble that a recogniser should treat as unclear. */
  readonly confidence: number;
  readonly text: string;
  readonly slots: ReplySlots;
  /** Pause before speaking and length of the utterance. */
  readonly thinkMs: number;
  readonly speakMs: number;
}
/** Nothing is heard for the state's silence limit. */
export interface Silence {
  readonly kind: 'silence';
}
export interface HangUp {
  readonly kind: 'hangup';
  readonly afterMs: number;
}
export type Reply = Said | Silence | HangUp;

/** What one person remembers of the call going on. Plain data: the gateway keeps it from turn to turn. */
export interface TalkMemory {
  readonly key: string;
  readonly who: Answerer;
  readonly ordinal: number;
  /** What he is about to say on paying; a good argument may change it. */
  readonly stance: string;
  readonly identityConfirmed: boolean;
  readonly intents: readonly string[];
  /** How often each state asked. */
  readonly asked: Readonly<Record<string, number>>;
  readonly spokenDate: string | null;
  readonly spokenAmount: number | null;
  /** Said yes to a date and an amount read back. */
  readonly promise: { readonly date: string; readonly amount: number } | null;
  readonly claimsPaid: boolean;
}

/** The debtor's own side of an ended call: written in the carrier's log, read by the simulated bank. */
export interface Heard {
  readonly identityConfirmed: boolean;
  readonly promise: { readonly date: string; readonly amount: number } | null;
  readonly claimsPaid: boolean;
  readonly lastIntent: string | null;
}
