/**
 * The post of the signed-in person: what they said in any project, on its way to the server, whatever page is shown. A project's desk,
 * where one is at work in this window, says which records are to come back with the answer, and hears of what became of it.
 */

import { ApiError } from '$/api/client';
import * as api from '$/api/desk';
import type { Submission, SubmitAnswer } from '$/api/types';
import { m } from '$/i18n/index.svelte';
import { createOutbox, type Failure, type Outbox, type OutboxParts, type OutboxState, type Unsent } from './outbox';
import { go, href } from './router.svelte';
import { toast } from './toasts.svelte';

/** A desk, as the post sees it. */
export interface Counter {
  /** What to bring back with the answer to this record. */
  wants(record: string): { want: number; have: string[] };
  taken(unsent: Unsent, answer: SubmitAnswer): void;
  /** The person has answered a record of this project in another window. */
  elsewhere(record: string): void;
}

export interface PostParts extends Pick<OutboxParts, 'storage' | 'now' | 'later' | 'exclusively' | 'onRefused'> {
  person: string;
  submit: (project: string, submission: Submission) => Promise<SubmitAnswer>;
  messageOf: (error: unknown) => string;
  /** Told of every answer that the server has taken. */
  onTaken?: (answer: SubmitAnswer) => void;
}

export interface Post extends Pick<Outbox, 'add' | 'flush' | 'retry' | 'discard' | 'stop'> {
  readonly person: string;
  readonly state: OutboxState;
  /** Connects the desk of a project. */
  attend(project: string, counter: Counter): void;
  /** Another window has changed what storage holds. */
  heard(event: Pick<StorageEvent, 'key' | 'oldValue' | 'newValue'>): void;
}

export function createPost(parts: PostParts): Post {
  const counters = new Map<string, Counter>();
  const prefix = `goldleaf.unsent/${encodeURIComponent(parts.person)}/`;
  let state = $state.raw<OutboxState>({ unsent: [], phase: 'idle', trouble: null, retryAt: null });
  const { person, submit, messageOf, onTaken, ...rest } = parts;

  const outbox = createOutbox({
    ...rest,
    prefix,
    send: ({ project, submission }) =>
      submit(project, { ...submission, ...(counters.get(project)?.wants(submission.record) ?? { want: 0, have: [] }) }),
    judge: (error) => judge(error, messageOf),
    onAnswer: (unsent, answer) => {
      counters.get(unsent.project)?.taken(unsent, answer);
      onTaken?.(answer);
    },
    onChange: (changed) => {
      state = changed;
    },
  });
  state = outbox.state;

  return {
    person,
    get state() {
      return state;
    },
    add: outbox.add,
    flush: outbox.flush,
    retry: outbox.retry,
    discard: outbox.discard,
    stop: outbox.stop,
    attend(project, counter) {
      counters.set(project, counter);
    },
    heard({ key, oldValue, newValue }) {
      if (!key?.startsWith(prefix)) return;
      outbox.look();
      if (oldValue !== null || newValue === null) return;
      const unsent = outbox.state.unsent.find((entry) => key.endsWith(`/${entry.submission.id}`));
      if (unsent) counters.get(unsent.project)?.elsewhere(unsent.submission.record);
    },
  };
}

function judge(error: unknown, messageOf: (error: unknown) => string): Failure {
  const message = messageOf(error);
  if (!(error instanceof ApiError) || error.passing) {
    return { kind: 'passing', message, retryAfter: error instanceof ApiError ? error.retryAfter : null };
  }
  if (error.status === 401) return { kind: 'signed-out', message };
  return { kind: error.status === 409 && error.body.where === 'supersedes' ? 'elsewhere' : 'refused', message };
}

let open = $state.raw<Post | null>(null);
let refusedShown = $state(false);
let ears: AbortController | undefined;

/** The post of who is signed in. */
export const post = (): Post | null => open;

/** Whether the answers that were not taken are shown. */
export const refused = {
  get shown() {
    return refusedShown;
  },
  show(shown: boolean) {
    refusedShown = shown;
  },
};

/** Opens a record again with what was said of it in an answer that the server has not taken. */
export function reopenRefused(unsent: Unsent): void {
  refusedShown = false;
  go(`${href('/p', unsent.project, 'annotate')}?refused=${encodeURIComponent(unsent.submission.id)}`);
}

/** Somebody is signed in: what they said before, on this device, is sent. */
export function openPost(person: string, messageOf: PostParts['messageOf']): void {
  if (open?.person === person) return;
  closePost();
  const opened = createPost({
    person,
    storage: localStorage,
    submit: api.submit,
    messageOf,
    exclusively: exclusively(`goldleaf.unsent/${person}`),
    onTaken: ({ outcome }) => {
      if (outcome === 'surplus') toast(m().annotate.surplus);
    },
    onRefused: (unsent) => {
      if (!unsent.elsewhere) return;
      toast(m().annotate.elsewhere(unsent.textStart), 'bad', { label: m().annotate.look, run: () => reopenRefused(unsent) });
    },
  });
  open = opened;
  ears = new AbortController();
  const on = { signal: ears.signal };
  addEventListener('storage', (event) => opened.heard(event), on);
  addEventListener('online', () => void opened.flush(), on);
  void opened.flush();
}

export function closePost(): void {
  ears?.abort();
  open?.stop();
  open = null;
  refusedShown = false;
}

/** One window of a person sends at a time, where the browser can say so. */
function exclusively(name: string): (run: () => Promise<void>) => Promise<void> {
  return async (run) => {
    if (navigator.locks) await navigator.locks.request(name, run);
    else await run();
  };
}
