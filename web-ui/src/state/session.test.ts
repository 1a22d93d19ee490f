import { expect, test } from 'vitest';
import type { Item, Project, SchemaField, Values } from '$/api/types';
import { beginWork, type Work } from '$/model/work';
import { createSession, type EditDesk } from './session.svelte';
import { createStore } from './store.svelte';

const INTENT: SchemaField = { name: 'intent', kind: 'choice', labels: ['ask', 'thank'] };
const SLOTS: SchemaField = { name: 'slots', kind: 'spans', labels: ['CITY', 'DATE'], overlap: 'nested' };
const POS: SchemaField = { name: 'pos', kind: 'tags', labels: ['N', 'V'] };

//            0123456789012345678
const TEXT = 'to Paris on Monday!';
const WORDS: [number, number][] = [
  [0, 2],
  [3, 8],
  [9, 11],
  [12, 18],
  [18, 19],
];

function open(fields: SchemaField[], suggested: Values = {}) {
  const suggestions = Object.fromEntries(Object.entries(suggested).map(([field, value]) => [field, { value, score: 0.5, suggester: 's' }]));
  const item = { record: 'r', text: TEXT, tokens: WORDS, words: WORDS, suggestions, draft: null, answer: null } as unknown as Item;
  const store = createStore<Work>(beginWork(fields, item));
  const desk: EditDesk = {
    project: { settings: { snap: true }, schema: { version: 1, fields } } as unknown as Project,
    fields,
    get current() {
      return { item, work: store.state };
    },
    edit: (name, change) => store.change(name, change(store.state)),
  };
  return { session: createSession(desk), said: () => store.state.values, pending: () => store.state.pending };
}

test('a word under the cursor is labelled, and the next key changes its label', () => {
  const { session, said } = open([SLOTS]);
  session.move(1);
  session.move(1);
  session.label('DATE');
  expect(said()['slots']).toEqual([[3, 8, 'DATE']]);
  session.label('CITY');
  expect(said()['slots']).toEqual([[3, 8, 'CITY']]);
});

test('a picked span grows and shrinks by words, and goes', () => {
  const { session, said } = open([SLOTS]);
  session.selectRange(4, 6);
  session.label('CITY');
  session.resize('end', 1);
  session.resize('start', -1);
  expect(said()['slots']).toEqual([[0, 11, 'CITY']]);
  session.resize('end', -1);
  expect(said()['slots']).toEqual([[0, 8, 'CITY']]);
  session.remove();
  expect(said()['slots']).toEqual([]);
});

test('without snapping a selection is exact, but for white space', () => {
  const { session } = open([SLOTS]);
  session.toggleSnap();
  session.selectRange(2, 6);
  expect(session.range).toEqual([3, 6]);
  session.selectRange(2, 3);
  expect(session.range).toBeNull();
});

test('an armed label is given to everything that is selected, until it is put down', () => {
  const { session, said } = open([SLOTS]);
  session.label('CITY');
  expect(session.armed).toBe('CITY');
  session.selectRange(3, 8);
  session.selectRange(12, 18);
  expect(said()['slots']).toEqual([
    [3, 8, 'CITY'],
    [12, 18, 'CITY'],
  ]);
  session.deselect();
  session.selectRange(9, 11);
  expect(said()['slots']).toHaveLength(2);
});

test('accepting goes from suggestion to suggestion, whatever question they belong to', () => {
  const { session, said, pending } = open([INTENT, SLOTS], {
    intent: 'ask',
    slots: [
      [3, 8, 'CITY'],
      [12, 18, 'DATE'],
    ],
  });
  expect(session.pendingCount).toBe(3);
  session.acceptOne();
  expect(said()['intent']).toBe('ask');
  session.acceptOne();
  expect(said()['slots']).toEqual([[3, 8, 'CITY']]);
  expect(session.pick?.span).toEqual([12, 18, 'DATE']);
  session.label('CITY');
  expect(said()['slots']).toEqual([
    [3, 8, 'CITY'],
    [12, 18, 'CITY'],
  ]);
  expect(pending()).toEqual({});
});

test('hidden suggestions are neither shown nor picked', () => {
  const { session } = open([SLOTS], { slots: [[3, 8, 'CITY']] });
  session.toggleHidden();
  expect(session.shown).toEqual([]);
  session.clickAt(4);
  expect(session.pick).toBeNull();
  expect(session.range).toEqual([3, 8]);
});

test('a click picks the inner span, another the outer', () => {
  const { session } = open([SLOTS], {
    slots: [
      [0, 11, 'DATE'],
      [3, 8, 'CITY'],
    ],
  });
  session.clickAt(4);
  expect(session.pick?.span[2]).toBe('CITY');
  session.clickAt(4);
  expect(session.pick?.span[2]).toBe('DATE');
});

test('tags go on to the next token, and the first without a label is found', () => {
  const { session, said } = open([POS]);
  session.move(1);
  session.label('V');
  session.label('N');
  expect(said()['pos']).toEqual(['V', 'N', null, null, null]);
  expect(session.range).toEqual([9, 11]);
  session.deselect();
  session.showGap(0);
  expect(session.range).toEqual([9, 11]);
});

test('pointing at the text turns from a choice to the question about the text', () => {
  const { session } = open([INTENT, SLOTS]);
  expect(session.field.name).toBe('intent');
  session.move(1);
  expect(session.field.name).toBe('slots');
});
