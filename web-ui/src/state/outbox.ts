/**
 * Answers on their way to the server. Each is kept in storage before anything else happens and leaves it only when the server has
 * confirmed it, so that a reload or a crash loses nothing. They go one after the other, in order; each carries an id made here, by which
 * the server knows one that arrives twice.
 */

import type { Submission, SubmitAnswer } from '$/api/types';

export interface Unsent {
  seq: number;
  submission: Omit<Submission, 'want' | 'have'>;
  /** The id of an earlier answer, perhaps unsent itself, that this one corrects. */
  corrects?: string;
  textStart: string;
  /** Why the server will never take it. */
  refused?: string;
}

export interface OutboxState {
  unsent: Unsent[];
  phase: 'idle' | 'sending' | 'waiting' | 'stopped';
  /** Why the last attempt failed. */
  trouble: string | null;
  retryAt: number | null;
}

export type Failure = { kind: 'passing' | 'refused' | 'signed-out'; message: string; retryAfter?: number | null };

export interface OutboxParts {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  /** Names what belongs to this person and project. */
  prefix: string;
  send: (submission: Omit<Submission, 'want' | 'have'>) => Promise<SubmitAnswer>;
  judge: (error: unknown) => Failure;
  onAnswer: (unsent: Unsent, answer: SubmitAnswer) => void;
  onChange: (state: OutboxState) => void;
  now?: () => number;
  later?: (run: () => void, ms: number) => unknown;
  /** Keeps two windows of one person from sending at the same time. */
  exclusively?: (run: () => Promise<void>) => Promise<void>;
}

export interface Outbox {
  readonly state: OutboxState;
  add(submission: Unsent['submission'], more: { corrects?: string; textStart: string }): void;
  /** Sends now what waits. */
  flush(): Promise<void>;
  discard(id: string): void;
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
      try {
        found.push(JSON.parse(storage.getItem(key) ?? '') as Unsent);
      } catch {
        // Half-written by a browser that crashed: there is nothing in it to send.
      }
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  function keep(unsent: Unsent): void {
    try {
      storage.setItem(prefix + unsent.submission.id, JSON.stringify(unsent));
      overflow.delete(unsent.submission.id);
    } catch {
      overflow.set(unsent.submission.id, unsent);
    }
  }

  function drop(id: string): void {
    storage.removeItem(prefix + id);
    overflow.delete(id);
  }

  function show(change: Partial<OutboxState>): void {
    state = { ...state, ...change, unsent: list() };
    parts.onChange(state);
  }

  function confirmed(unsent: Unsent, answer: SubmitAnswer): void {
    drop(unsent.submission.id);
    for (const other of list()) {
      if (other.corrects !== unsent.submission.id) continue;
      const { corrects: _, ...rest } = other;
      keep({ ...rest, submission: { ...other.submission, supersedes: answer.annotation } });
    }
    failures = 0;
    parts.onAnswer(unsent, answer);
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
      confirmed(unsent, await parts.send(unsent.submission));
      return true;
    } catch (error) {
      const failure = parts.judge(error);
      if (failure.kind === 'refused') {
        keep({ ...unsent, refused: failure.message });
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
    add(submission, { corrects, textStart }) {
      const seq = Math.max(now(), (list().at(-1)?.seq ?? 0) + 1);
      keep({ seq, submission, textStart, ...(corrects ? { corrects } : {}) });
      show({});
      if (state.phase !== 'waiting') void flush();
    },
    flush() {
      if (state.phase === 'stopped') state = { ...state, phase: 'idle' };
      return flush();
    },
    discard(id) {
      drop(id);
      show({});
    },
    stop() {
      alarm += 1;
      state = { ...state, phase: 'stopped' };
    },
  };
}
