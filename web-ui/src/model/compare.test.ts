import { describe, expect, it } from 'vitest';
import type { SchemaField, Span } from '$/api/types';
import { disputesOf, differingTokens, missingSpans, standingOfSpans, type Voice } from './compare';

const intent: SchemaField = { name: 'intent', kind: 'choice', labels: ['pay', 'ask', 'stop'] };
const entities: SchemaField = { name: 'entities', kind: 'spans', labels: ['PER', 'ORG', 'LOC'] };
const tags: SchemaField = { name: 'tags', kind: 'tags', labels: ['A', 'B'] };

const says = (annotator: string, values: Voice['values']): Voice => ({ annotator, values });

describe('choices', () => {
  it('that all agree on are no dispute', () => {
    expect(disputesOf(intent, [says('ann', { intent: 'pay' }), says('bob', { intent: 'pay' })])).toEqual([]);
  });

  it('list the options by votes, the most wanted first', () => {
    const voices = [says('ann', { intent: 'ask' }), says('bob', { intent: 'pay' }), says('cy', { intent: 'pay' })];
    expect(disputesOf(intent, voices)).toEqual([
      {
        field: 'intent',
        start: 0,
        end: 0,
        options: [
          { part: 'pay', voters: ['bob', 'cy'] },
          { part: 'ask', voters: ['ann'] },
        ],
      },
    ]);
  });

  it('leave out those who were not asked', () => {
    expect(disputesOf(intent, [says('ann', { intent: 'ask' }), says('bob', {})])).toEqual([]);
  });
});

describe('spans', () => {
  it('disagree in one place when their stretches of text touch, whatever the labels', () => {
    const voices = [
      says('ann', { entities: [[0, 5, 'PER'], [20, 25, 'LOC']] }),
      says('bob', { entities: [[0, 8, 'PER'], [20, 25, 'LOC']] }),
      says('cy', { entities: [[20, 25, 'LOC']] }),
    ];
    expect(disputesOf(entities, voices)).toEqual([
      {
        field: 'entities',
        start: 0,
        end: 8,
        options: [
          { part: [[0, 5, 'PER']], voters: ['ann'] },
          { part: [[0, 8, 'PER']], voters: ['bob'] },
          { part: [], voters: ['cy'] },
        ],
      },
    ]);
  });

  it('that only follow each other are two places', () => {
    const voices = [says('ann', { entities: [[0, 3, 'PER'], [3, 6, 'ORG']] }), says('bob', { entities: [] })];
    expect(disputesOf(entities, voices).map(({ start, end }) => [start, end])).toEqual([[0, 3], [3, 6]]);
  });

  it('are told apart by how they differ from the others', () => {
    const mine = says('ann', {
      entities: [[0, 2, 'PER'], [5, 7, 'PER'], [10, 12, 'LOC'], [20, 22, 'ORG']] satisfies Span[],
    });
    const other = says('bob', { entities: [[0, 2, 'PER'], [5, 7, 'ORG'], [10, 14, 'LOC']] });
    expect(standingOfSpans(entities, mine, [mine, other])).toEqual(['agreed', 'label', 'bounds', 'alone']);
  });

  it('that some of the others have are partial', () => {
    const mine = says('ann', { entities: [[0, 2, 'PER']] });
    const voices = [mine, says('bob', { entities: [[0, 2, 'PER']] }), says('cy', { entities: [] })];
    expect(standingOfSpans(entities, mine, voices)).toEqual(['partial']);
  });
});

describe('tags', () => {
  it('differ in runs of neighbouring tokens', () => {
    const voices = [says('ann', { tags: ['A', 'A', 'B', 'A', 'B'] }), says('bob', { tags: ['A', 'B', 'A', 'A', 'A'] })];
    expect(disputesOf(tags, voices).map(({ start, end }) => [start, end])).toEqual([[1, 3], [4, 5]]);
    expect([...differingTokens(tags, voices)]).toEqual([1, 2, 4]);
  });
});

it('a span that others have is missing where the answer has nothing of it at all', () => {
  const ann = says('ann', { entities: [[0, 5, 'PER']] });
  const bob = says('bob', { entities: [[3, 8, 'ORG'], [20, 25, 'LOC'], [30, 33, 'PER']] });
  const cy = says('cy', { entities: [[20, 25, 'LOC']] });
  const voices = [ann, bob, cy, says('dee', {})];
  expect(missingSpans(entities, ann, voices)).toEqual([[20, 25, 'LOC'], [30, 33, 'PER']]);
  expect(missingSpans(entities, bob, voices)).toEqual([]);
  expect(missingSpans(entities, voices[3]!, voices)).toEqual([]); // it was not asked
});
