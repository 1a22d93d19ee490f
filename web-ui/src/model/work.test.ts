import { expect, test } from 'vitest';
import type { Item, SchemaField } from '$/api/types';
import { acceptAll, acceptSpan, beginWork, changeSpan, choose, dropSpan, finished, labelSpan, missing, tagTokens } from './work';

const INTENT: SchemaField = { name: 'intent', kind: 'choice', labels: ['book', 'cancel'] };
const TOPICS: SchemaField = { name: 'topics', kind: 'choice', labels: ['x', 'y', 'z'], many: true };
const SLOTS: SchemaField = { name: 'slots', kind: 'spans', labels: ['CITY', 'DATE'] };
const POS: SchemaField = { name: 'pos', kind: 'tags', labels: ['N', 'V'] };
const FIELDS = [INTENT, TOPICS, SLOTS, POS];

const item = (more: Partial<Item> = {}): Item => ({
  record: 'r',
  text: 'to Paris on Monday',
  tokens: [
    [0, 2],
    [3, 8],
  ],
  meta: null,
  group: null,
  kind: 'queue',
  leased_until: null,
  draft: null,
  answer: null,
  suggestions: {
    intent: { value: 'book', score: 0.9, suggester: 'b' },
    slots: { value: [[3, 8, 'CITY'], [12, 18, 'DATE']], score: 0.8, suggester: 'b' },
    pos: { value: ['V', 'N'], score: null, suggester: null },
  },
  words: null,
  ...more,
});

test('suggestions wait beside the answer and are not part of it', () => {
  const work = beginWork(FIELDS, item());
  expect(finished(work, FIELDS)).toEqual({ topics: [], slots: [] });
  expect(Object.keys(work.pending)).toEqual(['intent', 'slots', 'pos']);
});

test('accepting everything takes over what was suggested', () => {
  const work = acceptAll(beginWork(FIELDS, item()), FIELDS);
  expect(finished(work, FIELDS)).toEqual({
    intent: 'book',
    topics: [],
    slots: [
      [3, 8, 'CITY'],
      [12, 18, 'DATE'],
    ],
    pos: ['V', 'N'],
  });
  expect(work.pending).toEqual({});
});

test('a suggested span is accepted, corrected or dismissed on its own', () => {
  let work = acceptSpan(beginWork(FIELDS, item()), SLOTS, [3, 8, 'CITY']);
  expect(work.pending['slots']).toEqual([[12, 18, 'DATE']]);
  work = changeSpan(work, SLOTS, [12, 18, 'DATE'], [12, 18, 'CITY'], true);
  expect(work.values['slots']).toEqual([
    [3, 8, 'CITY'],
    [12, 18, 'CITY'],
  ]);
  expect(work.pending['slots']).toBeUndefined();
  const dismissed = dropSpan(beginWork(FIELDS, item()), SLOTS, [3, 8, 'CITY'], true);
  expect(dismissed.pending['slots']).toEqual([[12, 18, 'DATE']]);
  expect(dismissed.values['slots']).toEqual([]);
});

test('a span labelled over a suggestion corrects it', () => {
  const work = labelSpan(beginWork(FIELDS, item()), SLOTS, [0, 8, 'CITY']);
  expect(work.pending['slots']).toEqual([[12, 18, 'DATE']]);
});

test('one choice replaces the other, the same again takes it away; many are kept in the order of the schema', () => {
  let work = choose(beginWork(FIELDS, item()), INTENT, 'cancel');
  expect(work.values['intent']).toBe('cancel');
  expect(work.pending['intent']).toBeUndefined();
  work = choose(work, INTENT, 'cancel');
  expect(work.values['intent']).toBeUndefined();
  work = choose(choose(choose(work, TOPICS, 'z'), TOPICS, 'x'), TOPICS, 'z');
  expect(work.values['topics']).toEqual(['x']);
});

test('tags have holes until each token has a label; with O there are none', () => {
  const work = beginWork([POS], item());
  expect(missing(work, [POS])).toEqual([{ field: POS, tokens: 2 }]);
  expect(finished(work, [POS])).toEqual({});
  const tagged = tagTokens(tagTokens(work, POS, [0], 'V'), POS, [1, 5], 'N');
  expect(finished(tagged, [POS])).toEqual({ pos: ['V', 'N'] });
  const bio: SchemaField = { ...POS, labels: ['O', 'B-X'] };
  expect(finished(beginWork([bio], item()), [bio])).toEqual({ pos: ['O', 'O'] });
});

test('a single choice without an answer is missing, many choices and spans may be empty', () => {
  expect(missing(beginWork([INTENT, TOPICS, SLOTS], item()), [INTENT, TOPICS, SLOTS]).map(({ field }) => field.name)).toEqual(['intent']);
});

test('a draft comes before an earlier answer, and both before the suggestions', () => {
  const answer = { annotation: 1, values: { intent: 'cancel' }, status: 'submitted' as const, comment: null };
  expect(beginWork(FIELDS, item({ answer })).values['intent']).toBe('cancel');
  const work = beginWork(FIELDS, item({ answer, draft: { values: { intent: 'book' } } }));
  expect(work.values['intent']).toBe('book');
  expect(work.pending['intent']).toBeUndefined();
});

test('a draft says what is still suggested; an emptied question is not asked again, an untouched one still is', () => {
  const draft = { values: { topics: [], slots: [] }, pending: { slots: [[12, 18, 'DATE']] as [number, number, string][] } };
  expect(beginWork(FIELDS, item({ draft })).pending).toEqual({ slots: [[12, 18, 'DATE']] });
  // a draft of before: [] is what it wrote for what nobody had touched
  const old = beginWork(FIELDS, item({ draft: { values: { topics: [], slots: [], intent: 'cancel' } } }));
  expect(Object.keys(old.pending)).toEqual(['slots', 'pos']);
  // an answer that found no spans has settled what was suggested
  const answer = { annotation: 1, values: { intent: 'book', slots: [] }, status: 'submitted' as const, comment: null };
  expect(Object.keys(beginWork(FIELDS, item({ answer })).pending)).toEqual(['pos']);
});

test('a draft from before labels were renamed is shown without the labels that there are no more', () => {
  const draft = { values: { intent: 'gone', topics: ['x', 'gone'], slots: [[3, 8, 'GONE'], [12, 18, 'DATE']], pos: ['N', 'GONE'] }, pending: {} };
  const work = beginWork(FIELDS, item({ draft: draft as never }));
  expect(work.values).toEqual({ topics: ['x'], slots: [[12, 18, 'DATE']], pos: ['N', null] });
});
