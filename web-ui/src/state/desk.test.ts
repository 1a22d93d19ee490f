import { expect, test } from 'vitest';
import { ApiError } from '$/api/client';
import type { Item, ItemDraft, Project, Submission, Values } from '$/api/types';
import { choose, labelSpan } from '$/model/work';
import { createDesk, type WorkApi } from './desk.svelte';
import { createPost } from './post.svelte';
import { memoryStorage, settled } from './testing';

const FIELD = { name: 'intent', kind: 'choice' as const, labels: ['book', 'cancel'] };
const SLOTS = { name: 'slots', kind: 'spans' as const, labels: ['CITY'] };

const project: Project = {
  name: 'p',
  role: 'annotator',
  schema: { version: 4, fields: [FIELD, SLOTS] },
  notes: {},
  settings: {
    overlap: 1,
    order: 'file',
    lease_seconds: 120,
    control_share: 0,
    check_rate: 0,
    suggestions: true,
    snap: true,
    blind: true,
    seed: 0,
  },
  guidelines: { version: 1, text: '' },
  counts: {},
};

const itemOf = (record: string): Item => ({
  record,
  text: `text of ${record}`,
  tokens: null,
  meta: null,
  group: null,
  kind: 'queue',
  leased_until: null,
  draft: null,
  answer: null,
  suggestions: { intent: { value: 'cancel', score: 0.5, suggester: 's' } },
  words: null,
});

function world(records = ['a', 'b', 'c', 'd', 'e'], storage = memoryStorage(), left = 0) {
  const received: Submission[] = [];
  const net = { down: false };
  const held = new Set<string>();
  const clock = { now: 0 };
  let ids = 0;
  const progress = { mine: 0, today: 0, seconds_today: 0, left, done: 0, total: records.length };
  const take = (n: number, have: string[]): Item[] =>
    records.filter((record) => !have.includes(record) && !held.has(record)).slice(0, n).map((record) => (held.add(record), itemOf(record)));
  const gate = async (): Promise<void> => {
    await Promise.resolve();
    if (net.down) throw new ApiError(0, { message: 'down', code: 'unreachable' });
  };
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');
  const post = createPost({
    person: 'ada',
    storage,
    messageOf,
    submit: async (_, submission) => {
      await gate();
      const before = received.find((one) => one.record === submission.record);
      if (before && submission.supersedes === undefined) {
        throw new ApiError(409, { message: 'answered', code: 'conflict', where: 'supersedes' });
      }
      received.push(submission);
      return { id: submission.id, annotation: received.length, outcome: 'counted', items: take(submission.want, submission.have), progress };
    },
  });
  const saved: ItemDraft[] = [];
  const api: WorkApi = {
    nextItems: async (_, count, have) => (await gate(), { items: take(count, have), progress }),
    renew: async (_, asked) => ({ records: asked.filter((record) => held.has(record)) }),
    release: async () => null,
    saveDraft: async (_, __, draft) => saved.push(draft),
    dropDraft: async () => null,
    ownItem: async (_, record) => {
      const last = received.findLast((one) => one.record === record);
      const answer = last && { annotation: received.indexOf(last) + 1, values: last.values, status: last.status, comment: null };
      return { ...itemOf(record), answer: answer ?? null };
    },
  };
  const desk = createDesk({
    project,
    person: 'ada',
    api,
    post,
    storage,
    now: () => clock.now,
    uuid: () => `id-${(ids += 1)}`,
    messageOf,
  });
  return { desk, post, received, net, held, clock, storage, saved };
}

const say = (desk: ReturnType<typeof world>['desk'], label: string): void => desk.edit(label, (work) => choose(work, FIELD, label));
const shown = (desk: ReturnType<typeof world>['desk']): [string, unknown] => [
  desk.current?.item.record ?? '-',
  desk.current?.work.values['intent'],
];

test('three records are fetched ahead, and the next is shown before the server has answered', async () => {
  const { desk, received } = world();
  await desk.fetchMore();
  expect(desk.upcoming).toEqual(['a', 'b', 'c']);
  say(desk, 'book');
  desk.submit('submitted', { status: 'submitted' });
  expect(shown(desk)[0]).toBe('b');
  expect(received).toHaveLength(0);
  await settled(20);
  expect(received[0]).toMatchObject({
    id: 'id-1',
    record: 'a',
    values: { intent: 'book', slots: [] },
    schema_version: 4,
    suggested: { intent: 'cancel' },
    want: 1,
    have: ['b', 'c'],
  });
  expect(desk.upcoming).toEqual(['b', 'c', 'd']);
});

test('undo goes back through a submitted record, and what is then handed in corrects it', async () => {
  const { desk, received } = world();
  await desk.fetchMore();
  say(desk, 'book');
  desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  say(desk, 'cancel');
  expect(shown(desk)).toEqual(['b', 'cancel']);
  expect(desk.stepBack()).toBe('cancel');
  expect(shown(desk)).toEqual(['b', undefined]);
  expect(desk.stepBack()).toBe('submitted');
  expect(shown(desk)).toEqual(['a', 'book']);
  expect(desk.reopened).toBe(true);
  expect(desk.stepBack()).toBe('book');
  expect(shown(desk)).toEqual(['a', undefined]);
  say(desk, 'cancel');
  desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  expect(received.map(({ record, values, supersedes }) => [record, values['intent'], supersedes])).toEqual([
    ['a', 'book', undefined],
    ['a', 'cancel', 1],
  ]);
  expect(shown(desk)[0]).toBe('b');
});

test('redo walks forward again and sends nothing that the server has already', async () => {
  const { desk, received } = world();
  await desk.fetchMore();
  for (const label of ['book', 'cancel']) {
    say(desk, label);
    desk.submit('submitted', { status: 'submitted' });
    await settled(20);
  }
  for (let i = 0; i < 4; i += 1) desk.stepBack();
  expect(shown(desk)).toEqual(['a', undefined]);
  expect(desk.stepBack()).toBeNull();
  const names = [1, 2, 3, 4].map(() => desk.stepForward());
  expect(names).toEqual(['book', 'submitted', 'cancel', 'submitted']);
  await settled(20);
  expect(received).toHaveLength(2);
  expect(shown(desk)[0]).toBe('c');
});

test('a correction made before the first answer went out follows it, and names it', async () => {
  const { desk, received, net } = world();
  await desk.fetchMore();
  net.down = true;
  say(desk, 'book');
  desk.submit('submitted', { status: 'submitted' });
  await settled();
  desk.stepBack();
  say(desk, 'cancel');
  desk.submit('submitted', { status: 'submitted' });
  await settled();
  net.down = false;
  await desk.post.flush();
  expect(received.map(({ id, supersedes }) => [id, supersedes])).toEqual([
    ['id-1', undefined],
    ['id-2', 'id-1'],
  ]);
});

test('unsent answers and a draft survive a reload; the answered record is not shown again', async () => {
  const first = world();
  await first.desk.fetchMore();
  first.net.down = true;
  say(first.desk, 'book');
  first.desk.submit('submitted', { status: 'submitted' });
  first.desk.edit('slot', (work) => labelSpan(work, SLOTS, [0, 4, 'CITY']));
  await settled();
  first.post.stop();
  first.desk.stop();

  const second = world(['a', 'b', 'c', 'd'], first.storage);
  expect(second.post.state.unsent).toHaveLength(1);
  await second.desk.fetchMore();
  expect(shown(second.desk)[0]).toBe('b');
  expect(second.desk.current?.work.values['slots']).toEqual([[0, 4, 'CITY']] satisfies Values[string]);
  await second.post.flush();
  expect(second.received.map(({ id }) => id)).toEqual(['id-1']);
});

test('another person on the same device does not send what is not theirs', async () => {
  const first = world();
  await first.desk.fetchMore();
  first.net.down = true;
  say(first.desk, 'book');
  first.desk.submit('submitted', { status: 'submitted' });
  await settled();
  const other = createPost({ person: 'ben', storage: first.storage, messageOf: String, submit: () => Promise.reject(new Error('not his')) });
  expect(other.state.unsent).toEqual([]);
});

test('earlier work is opened, looked at and left as it was, or corrected', async () => {
  const { desk, received } = world();
  await desk.fetchMore();
  say(desk, 'book');
  desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  await desk.open('opened', 'a');
  expect(shown(desk)).toEqual(['a', 'book']);
  say(desk, 'cancel');
  desk.close('closed');
  expect(shown(desk)[0]).toBe('b');
  desk.stepBack();
  expect(shown(desk)).toEqual(['a', 'cancel']);
  desk.stepForward();
  await desk.open('opened', 'a');
  expect(shown(desk)).toEqual(['a', 'book']);
  say(desk, 'cancel');
  desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  expect(received.at(-1)).toMatchObject({ record: 'a', supersedes: 1, values: { intent: 'cancel' } });
});

test('a lost lease takes an untouched record from the queue and leaves the one in work', async () => {
  const { desk, held } = world(['a', 'b', 'c']);
  await desk.fetchMore();
  say(desk, 'book');
  held.clear();
  held.add('c');
  await desk.renew();
  expect(desk.late).toBe(true);
  expect(shown(desk)).toEqual(['a', 'book']);
  expect(desk.upcoming.slice(0, 2)).toEqual(['a', 'c']);
});

test('only active seconds are reported', async () => {
  const { desk, received, clock } = world();
  await desk.fetchMore();
  desk.alive();
  clock.now = 8000;
  say(desk, 'book'); // 8 s
  clock.now = 208_000; // 200 s idle: 30 count
  desk.alive();
  clock.now = 210_000; // 2 s
  desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  expect(received[0]!.seconds).toBe(40);
});

test('an edit that changes nothing is no step', async () => {
  const { desk } = world();
  await desk.fetchMore();
  desk.edit('nothing', (work) => ({ ...work }));
  expect(desk.undo.next.undo).toBeNull();
});

test('where much is left more records are at hand, but never many long ones', async () => {
  const records = Array.from({ length: 60 }, (_, i) => `r${i}`);
  const { desk } = world(records, memoryStorage(), 100);
  await desk.fetchMore();
  await settled(20);
  // 100 / 8, rounded down
  expect(desk.upcoming).toHaveLength(12);
});

test('after a reload the record in work comes first, with what was said, what is still suggested, and its seconds', async () => {
  const first = world();
  await first.desk.fetchMore();
  first.desk.alive();
  first.clock.now = 7000;
  first.desk.submit('skipped', { status: 'skipped', reason: 'x' });
  await settled(20);
  first.clock.now = 8000;
  await first.desk.open('opened', 'c');
  first.clock.now = 12_000;
  first.desk.edit('slot', (work) => labelSpan(work, SLOTS, [0, 4, 'CITY']));
  first.clock.now = 14_000;
  first.desk.putAside();
  first.post.stop();
  first.desk.stop();

  const second = world(['b', 'c', 'd', 'e'], first.storage);
  await second.desk.fetchMore();
  expect(second.desk.upcoming).toEqual(['c', 'b', 'd']);
  expect(second.desk.current?.work.values['slots']).toEqual([[0, 4, 'CITY']]);
  expect(second.desk.current?.work.pending).toEqual({ intent: 'cancel' });
  say(second.desk, 'book');
  second.desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  // from 8 s to 14 s
  expect(second.received[0]).toMatchObject({ record: 'c', seconds: 6, suggested: { intent: 'cancel' } });
});

test('a record that another window has answered goes, unless it has been worked on here', async () => {
  const { desk, post, storage } = world();
  await desk.fetchMore();
  const other = createPost({ person: 'ada', storage, messageOf: String, submit: () => new Promise(() => undefined) });
  for (const record of ['a', 'b']) {
    if (record === 'b') say(desk, 'book');
    const submission = { id: `other-${record}`, record, values: {}, status: 'skipped' as const, seconds: 1, schema_version: 4, suggested: {} };
    other.add('p', submission, '');
    const key = `goldleaf.unsent/ada/p/other-${record}`;
    post.heard({ key, oldValue: null, newValue: storage.getItem(key) });
  }
  expect(shown(desk)).toEqual(['b', 'book']);
  await settled(20);
  expect(desk.upcoming).toEqual(['b', 'c', 'd']);
});

test('an answer to a record that was answered elsewhere is put before its author, who can correct with it', async () => {
  const { desk, post, received } = world();
  await desk.fetchMore();
  received.push({ id: 'elsewhere', record: 'a', values: { intent: 'cancel', slots: [] } } as unknown as Submission);
  say(desk, 'book');
  desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  expect(received).toHaveLength(1);
  const [unsent] = post.state.unsent;
  expect(unsent).toMatchObject({ project: 'p', elsewhere: true, refused: 'answered' });
  await desk.reopen('opened', unsent!);
  expect(post.state.unsent).toEqual([]);
  expect(shown(desk)).toEqual(['a', 'book']);
  desk.submit('submitted', { status: 'submitted' });
  await settled(20);
  expect(received.at(-1)).toMatchObject({ record: 'a', values: { intent: 'book' }, supersedes: 1 });
});
