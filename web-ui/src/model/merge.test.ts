import { describe, expect, it } from 'vitest';
import type { SchemaField } from '$/api/types';
import { allDisputes, type Voice } from './compare';
import { chosenOption, edited, settle, startMerge, takeAnswer } from './merge';

const intent: SchemaField = { name: 'intent', kind: 'choice', labels: ['pay', 'ask'] };
const entities: SchemaField = { name: 'entities', kind: 'spans', labels: ['PER', 'ORG'] };
const tags: SchemaField = { name: 'tags', kind: 'tags', labels: ['A', 'B'] };
const fields = [intent, entities];

const ann: Voice = { annotator: 'ann', values: { intent: 'pay', entities: [[0, 5, 'PER'], [9, 12, 'ORG']] } };
const bob: Voice = { annotator: 'bob', values: { intent: 'ask', entities: [[0, 3, 'PER'], [9, 12, 'ORG']] } };
const cy: Voice = { annotator: 'cy', values: { intent: 'pay', entities: [[9, 12, 'ORG']] } };

describe('a merge', () => {
  it('begins with what all agree on and leaves level votes open', () => {
    const merge = startMerge(fields, [ann, bob]);
    expect(merge.values).toEqual({ entities: [[9, 12, 'ORG']] });
    expect([...merge.open]).toEqual(['intent 0 0', 'entities 0 5']);
  });

  it('takes the majority where there is one', () => {
    const merge = startMerge(fields, [ann, bob, cy]);
    expect(merge.values['intent']).toBe('pay');
    expect([...merge.open]).toEqual(['entities 0 5']); // three ways to see it, one vote each
  });

  it('settles one place and leaves the others as they are', () => {
    const voices = [ann, bob];
    const [choice, place] = allDisputes(fields, voices);
    let merge = settle(intent, startMerge(fields, voices), choice!, 'ask');
    merge = settle(entities, merge, place!, [[0, 3, 'PER']]);
    expect(merge.values).toEqual({ intent: 'ask', entities: [[0, 3, 'PER'], [9, 12, 'ORG']] });
    expect(merge.open.size).toBe(0);
    expect(chosenOption(entities, merge.values, place!)).toBe(1);
    expect(chosenOption(intent, merge.values, choice!)).toBe(1);
  });

  it('can take one whole answer, or one field of it', () => {
    const start = startMerge(fields, [ann, bob]);
    expect(takeAnswer(start, bob)).toEqual({ values: bob.values, open: new Set() });
    const half = takeAnswer(start, bob, 'entities');
    expect(half.values).toEqual({ entities: bob.values['entities'] });
    expect([...half.open]).toEqual(['intent 0 0']);
  });

  it('counts a place that was edited by hand as settled, and no other', () => {
    const voices = [ann, bob];
    const disputes = allDisputes(fields, voices);
    const start = startMerge(fields, voices);
    const merge = edited(fields, start, { ...start.values, entities: [[0, 4, 'PER'], [9, 12, 'ORG']] }, disputes);
    expect([...merge.open]).toEqual(['intent 0 0']);
    expect(chosenOption(entities, merge.values, disputes[1]!)).toBe(-1);
  });

  it('fills tags run by run', () => {
    const voices: Voice[] = [
      { annotator: 'ann', values: { tags: ['A', 'B', 'B'] } },
      { annotator: 'bob', values: { tags: ['A', 'A', 'B'] } },
    ];
    const [place] = allDisputes([tags], voices);
    const start = startMerge([tags], voices);
    expect(start.values['tags']).toEqual(['A', null, 'B']);
    const merge = settle(tags, start, place!, ['A']);
    expect(merge.values['tags']).toEqual(['A', 'A', 'B']);
  });

  it('never changes the answers it came from', () => {
    const merge = takeAnswer(startMerge(fields, [ann, bob]), ann);
    (merge.values['entities'] as unknown[]).push('x');
    expect(ann.values['entities']).toHaveLength(2);
  });
});
