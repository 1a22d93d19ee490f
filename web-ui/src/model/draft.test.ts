import { expect, it } from 'vitest';
import { emptyField, finishFields, nameProblem, parseLabels, readFields, templateFields } from './draft';

it('reads labels one a line, or separated by commas of either script', () => {
  expect(parseLabels('PER\n ORG \n\nLOC, DE')).toEqual(['PER', 'ORG', 'LOC, DE']);
  expect(parseLabels('人名，地名、机构 , 人名')).toEqual(['人名', '地名', '机构']);
  expect(parseLabels('')).toEqual([]);
});

it('knows the names that a field cannot have', () => {
  const named = (name: string) => nameProblem([{ ...emptyField(name) }], 0);
  expect(['intent', '意图', 'a.b-c', '', 'two words', 'text', 'meta.x'].map(named)).toEqual([
    null,
    null,
    null,
    'empty',
    'letters',
    'reserved',
    'reserved',
  ]);
  expect(nameProblem([emptyField('a'), emptyField('a')], 1)).toBe('twice');
});

it('sends only the options that the kind has', () => {
  const fields = templateFields('intent-slots');
  fields[0]!.many = true;
  fields[1]!.many = true;
  fields[1]!.overlap = 'nested';
  fields[1]!.labels = 'city, date';
  expect(finishFields(fields)).toEqual([
    { name: 'intent', kind: 'choice', labels: [], many: true },
    { name: 'slots', kind: 'spans', labels: ['city', 'date'], overlap: 'nested' },
  ]);
});

it('takes over a schema written as JSON, and nothing that is none', () => {
  const json = '{"version": 3, "fields": [{"name": "intent", "kind": "choice", "labels": ["a", "b"], "many": true}]}';
  expect(readFields(json)).toEqual([{ name: 'intent', kind: 'choice', labels: 'a\nb', many: true, overlap: 'flat' }]);
  expect(['{}', '[]', 'null', 'x', '[{"name": "a", "kind": "boxes"}]', '[7]'].map(readFields)).toEqual(Array(6).fill(null));
});
