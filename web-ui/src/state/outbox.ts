/**
 * Answers on their way to the server. Each is kept in storage before anything else happens and leaves it only when the server has
 * confirmed it, so that a reload or a crash loses nothing. They go one after the other, in order; each carries an id made here, by which
 * the server knows one that arrives twice.
 */

import type { Submission, SubmitAnswer } from '$/api/types';

export interface Unsent {
  seq: number;
  project: string;
  submission: Omit<Submission, 'want' | 'have'>;
  textStart: string;
  /** Why the server does not take it. */
  refused?: string;
  /** Refused because the record has another answer of this person's, given in another window. */
  elsewhere?: boolean;
}

export interface OutboxState {
  unsent: Unsent[];
  phase: 'idle' | 'sending' | 'waiting' | 'stopped';
  /** Why the last attempt failed. */
  trouble: string | null;
  retryAt: number | null;
}

export interface Failure {
  kind: 'passing' | 'refused' | 'elsewhere' | 'signed-out';
  message: string;
  retryAfter?: number | null;
}

export interface OutboxParts {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  /** Names what belongs to this person; a project's part and the answer's id follow. */
  prefix: string;
  send: (unsent: Unsent) => Promise<SubmitAnswer>;
  judge: (error: unknown) => Failure;
  onAnswer: (unsent: Unsent, answer: SubmitAnswer) => void;
  onRefused?: (unsent: Unsent) => void;
  onChange: (state: OutboxState) => void;
  now?: () => number;
  later?: (run: () => void, ms: number) => unknown;
  /** Keeps two windows of one person from sending at the same time. */
  exclusively?: (run: () => Promise<void>) => Promise<void>;
}

export interface Outbox {
  readonly state: OutboxState;
  add(project: string, submission: Unsent['submission'], textStart: string): void;
  /** Sends now what waits. */
  flush(): Promise<void>;
  /** Sends again what was refused. */
  retry(id: string): Promise<void>;
  discard(id: string): void;
  /** Another window has changed what is kept here. */
  look(): void;
  stop(): void;
}

const WAITS = [1, 2, 4, 8, 15, 30];

export function createOutbox(parts: OutboxParts): Outbox {
  const { storage, prefix } = parts;
  const now = parts.now ?? Date.now;
  const later = parts.later ?? ((run, ms) => setTimeout(run, ms));
  const exclusively = parts.exclusively ?? ((run) => run());
  /** What storage had no room for. */
  const overflow = new Map<string, Unsent>();
  let failures = 0;
  let running: Promise<void> | null = null;
  let alarm = 0;
  let state: OutboxState = { unsent: list(), phase: 'idle', trouble: null, retryAt: null };

  function list(): Unsent[] {
    const found = [...overflow.values()];
    for (let i = 0; i < storage.length; i += 1) {
      const key = storage.key(i);
      if (!key?.startsWith(prefix)) continue;
      const unsent = readUnsent(key.slice(prefix.length), storage.getItem(key));
      if (unsent) found.push(unsent);
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  const keyOf = (unsent: Unsent): string => `${prefix}${encodeURIComponent(unsent.project)}/${unsent.submission.id}`;

  function keep(unsent: Unsent): void {
    try {
      storage.setItem(keyOf(unsent), JSON.stringify(unsent));
      overflow.delete(unsent.submission.id);
    } catch {
      overflow.set(unsent.submission.id, unsent);
    }
  }

  function drop(unsent: Unsent): void {
    storage.removeItem(keyOf(unsent));
    overflow.delete(unsent.submission.id);
  }

  const find = (id: string): Unsent | undefined => list().find((entry) => entry.submission.id === id);

  function show(change: Partial<OutboxState>): void {
    state = { ...state, ...change, unsent: list() };
    parts.onChange(state);
  }

  function confirmed(unsent: Unsent, answer: SubmitAnswer): void {
    drop(unsent);
    failures = 0;
    parts.onAnswer(unsent, answer);
  }

  function refuse(unsent: Unsent, { kind, message }: Failure): void {
    const refused = { ...unsent, refused: message, ...(kind === 'elsewhere' ? { elsewhere: true } : {}) };
    // Discarded meanwhile, perhaps in another window: then it stays so.
    if (find(unsent.submission.id)) keep(refused);
    parts.onRefused?.(refused);
  }

  function wait(failure: Failure): void {
    const base = WAITS[Math.min(failures, WAITS.length - 1)]! * 1000;
    const ms = Math.max(base * (0.85 + Math.random() * 0.3), (failure.retryAfter ?? 0) * 1000);
    failures += 1;
    alarm += 1;
    const mine = alarm;
    show({ phase: 'waiting', trouble: failure.message, retryAt: now() + ms });
    later(() => {
      if (mine === alarm && state.phase === 'waiting') void flush();
    }, ms);
  }

  /** True: go on with the next. */
  async function sendOne(unsent: Unsent): Promise<boolean> {
    try {
      confirmed(unsent, await parts.send(unsent));
      return true;
    } catch (error) {
      const failure = parts.judge(error);
      if (failure.kind === 'refused' || failure.kind === 'elsewhere') {
        refuse(unsent, failure);
        return true;
      }
      if (failure.kind === 'passing') wait(failure);
      else show({ phase: 'stopped', trouble: failure.message, retryAt: null });
      return false;
    }
  }

  async function sendAll(): Promise<void> {
    for (;;) {
      if (state.phase === 'stopped') return;
      const unsent = list().find((entry) => !entry.refused);
      if (!unsent) {
        show({ phase: 'idle', trouble: null, retryAt: null });
        return;
      }
      show({ phase: 'sending' });
      if (!(await sendOne(unsent))) return;
    }
  }

  function flush(): Promise<void> {
    alarm += 1;
    running ??= exclusively(sendAll).finally(() => {
      running = null;
    });
    return running;
  }

  return {
    get state() {
      return state;
    },
    add(project, submission, textStart) {
      const seq = Math.max(now(), (list().at(-1)?.seq ?? 0) + 1);
      keep({ seq, project, submission, textStart });
      show({});
      if (state.phase !== 'waiting') void flush();
    },
    flush() {
      if (state.phase === 'stopped') state = { ...state, phase: 'idle' };
      return flush();
    },
    retry(id) {
      const unsent = find(id);
      if (unsent) {
        const { refused: _, elsewhere: __, ...again } = unsent;
        keep(again);
        show({});
      }
      return flush();
    },
    discard(id) {
      const unsent = find(id);
      if (unsent) drop(unsent);
      show({});
    },
    look() {
      const waits = list().some((entry) => !entry.refused);
      show(state.phase === 'waiting' && !waits ? { phase: 'idle', trouble: null, retryAt: null } : {});
    },
    stop() {
      alarm += 1;
      state = { ...state, phase: 'stopped' };
    },
  };
}

/** What is kept under a key that goes on with PROJECT/ID. */
function readUnsent(rest: string, kept: string | null): Unsent | null {
  try {
    const project = decodeURIComponent(rest.split('/')[0] ?? '');
    return { project, ...(JSON.parse(kept ?? '') as Omit<Unsent, 'project'>) };
  } catch {
    // Half-written by a browser that crashed: there is nothing in it to send.
    return null;
  }
}
