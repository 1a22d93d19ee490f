import { expect, test } from 'vitest';
import { ApiError } from '$/api/client';
import type { Item, Project, Submission, Values } from '$/api/types';
import { choose, labelSpan } from '$/model/work';
import { createDesk, type WorkApi } from './desk.svelte';
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

function world(records = ['a', 'b', 'c', 'd', 'e'], storage = memoryStorage()) {
  const received: Submission[] = [];
  const net = { down: false };
  const held = new Set<string>();
  const clock = { now: 0 };
  let ids = 0;
  const progress = { mine: 0, today: 0, seconds_today: 0, left: 0, done: 0, total: records.length };
  const take = (n: number, have: string[]): Item[] =>
    records.filter((record) => !have.includes(record) && !held.has(record)).slice(0, n).map((record) => (held.add(record), itemOf(record)));
  const gate = async (): Promise<void> => {
    await Promise.resolve();
    if (net.down) throw new ApiError(0, { message: 'down', code: 'unreachable' });
  };
  const api: WorkApi = {
    nextItems: async (_, count, have) => (await gate(), { items: take(count, have), progress }),
    submit: async (_, submission) => {
      await gate();
      received.push(submission);
      return { id: submission.id, annotation: received.length, outcome: 'counted', items: take(submission.want, submission.have), progress };
    },
    renew: async (_, asked) => ({ records: asked.filter((record) => held.has(record)) }),
    release: async () => null,
    saveDraft: async () => null,
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
    storage,
    now: () => clock.now,
    uuid: () => `id-${(ids += 1)}`,
    messageOf: (error) => (error instanceof Error ? error.message : ''),
  });
  return { desk, received, net, held, clock, storage };
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
  await desk.flush();
  expect(received.map(({ id, supersedes }) => [id, supersedes])).toEqual([
    ['id-1', undefined],
    ['id-2', 1],
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
  first.desk.stop();

  const second = world(['a', 'b', 'c', 'd'], first.storage);
  expect(second.desk.sending.unsent).toHaveLength(1);
  await second.desk.fetchMore();
  expect(shown(second.desk)[0]).toBe('b');
  expect(second.desk.current?.work.values['slots']).toEqual([[0, 4, 'CITY']] satisfies Values[string]);
  await second.desk.flush();
  expect(second.received.map(({ id }) => id)).toEqual(['id-1']);
});

test('another person on the same device does not send what is not theirs', async () => {
  const first = world();
  await first.desk.fetchMore();
  first.net.down = true;
  say(first.desk, 'book');
  first.desk.submit('submitted', { status: 'submitted' });
  await settled();
  const other = createDesk({
    project,
    person: 'ben',
    api: {} as WorkApi,
    storage: first.storage,
    messageOf: String,
  });
  expect(other.sending.unsent).toEqual([]);
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
