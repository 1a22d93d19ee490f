import { expect, test } from 'vitest';
import type { SubmitAnswer } from '$/api/types';
import { createOutbox, type Failure, type OutboxParts, type Unsent } from './outbox';
import { memoryStorage, settled } from './testing';

const submission = (id: string, record = `record-${id}`): Unsent['submission'] => ({
  id,
  record,
  values: { intent: 'book' },
  status: 'submitted',
  seconds: 3,
  schema_version: 1,
  suggested: {},
});

const answer = (id: string): SubmitAnswer => ({
  id,
  annotation: `a-${id}`,
  outcome: 'counted',
  items: [],
  progress: { mine: 1, today: 1, seconds_today: 3, left: 0, done: 1, total: 1 },
});

function world(storage = memoryStorage()) {
  const sent: Unsent['submission'][] = [];
  const answered: string[] = [];
  const alarms: { run: () => void; ms: number }[] = [];
  const net: { failure: Failure | null } = { failure: null };
  const parts: OutboxParts = {
    storage,
    prefix: 'unsent/',
    send: async ({ submission }) => {
      await Promise.resolve();
      if (net.failure) throw net.failure;
      sent.push(submission);
      return answer(submission.id);
    },
    judge: (error) => error as Failure,
    onAnswer: (unsent) => answered.push(unsent.submission.id),
    onChange: () => undefined,
    later: (run, ms) => alarms.push({ run, ms }),
  };
  return { storage, sent, answered, alarms, net, parts, outbox: createOutbox(parts) };
}

const down: Failure = { kind: 'passing', message: 'unreachable' };

test('answers are sent once, one after the other, in order', async () => {
  const { outbox, sent, answered, storage } = world();
  outbox.add('p', submission('1'), 'one');
  outbox.add('p', submission('2'), 'two');
  expect(storage.length).toBe(2);
  await settled(40);
  expect(sent.map(({ id }) => id)).toEqual(['1', '2']);
  expect(answered).toEqual(['1', '2']);
  expect(storage.length).toBe(0);
  expect(outbox.state.phase).toBe('idle');
});

test('without a network answers wait, the waits grow, and all are sent when it is back', async () => {
  const { outbox, sent, alarms, net } = world();
  net.failure = down;
  outbox.add('p', submission('1'), '');
  await settled();
  outbox.add('p', submission('2'), '');
  await settled();
  expect(outbox.state).toMatchObject({ phase: 'waiting', trouble: 'unreachable' });
  alarms[0]!.run();
  await settled();
  expect(alarms).toHaveLength(2);
  // 1 s and 2 s, each give or take 15 %.
  expect(alarms[1]!.ms).toBeGreaterThan(alarms[0]!.ms);
  net.failure = null;
  await outbox.flush();
  expect(sent.map(({ id }) => id)).toEqual(['1', '2']);
  alarms[1]!.run();
  await settled();
  expect(sent).toHaveLength(2);
});

test('what was not confirmed is there after a reload, and is sent under the same id', async () => {
  const first = world();
  first.net.failure = down;
  first.outbox.add('p', submission('1'), 'one');
  await settled();
  first.outbox.stop();
  const second = world(first.storage);
  expect(second.outbox.state.unsent.map(({ submission: { id } }) => id)).toEqual(['1']);
  await second.outbox.flush();
  expect(second.sent.map(({ id }) => id)).toEqual(['1']);
  expect(first.storage.length).toBe(0);
});

test('an answer that the server will never take is put aside with the reason and does not hold up the others', async () => {
  const { outbox, sent, net } = world();
  net.failure = { kind: 'refused', message: 'not your record' };
  outbox.add('p', submission('1'), '');
  await settled();
  net.failure = null;
  outbox.add('p', submission('2'), '');
  await settled(20);
  expect(sent.map(({ id }) => id)).toEqual(['2']);
  expect(outbox.state.unsent).toMatchObject([{ refused: 'not your record' }]);
  outbox.discard('1');
  expect(outbox.state.unsent).toEqual([]);
});

test('signed out, answers wait for the next sign-in', async () => {
  const { outbox, alarms, net, sent } = world();
  net.failure = { kind: 'signed-out', message: 'sign in' };
  outbox.add('p', submission('1'), '');
  await settled();
  expect(outbox.state.phase).toBe('stopped');
  expect(alarms).toHaveLength(0);
  net.failure = null;
  await outbox.flush();
  expect(sent).toHaveLength(1);
});

test('what was refused is sent again when it is asked for, and not before', async () => {
  const { outbox, sent, net } = world();
  net.failure = { kind: 'elsewhere', message: 'answered' };
  outbox.add('p', submission('1'), '');
  await settled();
  expect(outbox.state.unsent).toMatchObject([{ refused: 'answered', elsewhere: true }]);
  net.failure = null;
  await outbox.flush();
  expect(sent).toEqual([]);
  await outbox.retry('1');
  expect(sent.map(({ id }) => id)).toEqual(['1']);
  expect(outbox.state.unsent).toEqual([]);
});

test('what another window has sent is no longer waited for here', async () => {
  const { outbox, storage, net } = world();
  net.failure = down;
  outbox.add('a project/with a slash', submission('1'), '');
  await settled();
  storage.removeItem('unsent/a%20project%2Fwith%20a%20slash/1');
  outbox.look();
  expect(outbox.state).toMatchObject({ unsent: [], phase: 'idle', trouble: null });
});

test('what storage has no room for is still sent', async () => {
  const { outbox, sent } = world(memoryStorage(10));
  outbox.add('p', submission('1'), '');
  expect(outbox.state.unsent).toHaveLength(1);
  await settled(20);
  expect(sent).toHaveLength(1);
  expect(outbox.state.unsent).toEqual([]);
});

test('the server says when to come again', async () => {
  const { outbox, alarms, net } = world();
  net.failure = { kind: 'passing', message: 'the disk is full', retryAfter: 20 };
  outbox.add('p', submission('1'), '');
  await settled();
  expect(alarms[0]!.ms).toBe(20_000);
});
