/** What the quality page makes of its figures: a matrix of labels, and the sentences about suspicious annotators taken apart. */

import type { ConfusedPair } from '$/api/types';

export interface Matrix {
  labels: string[];
  /** Pairs of answers by row and column; on both sides of the diagonal. */
  cells: number[][];
  highest: number;
}

/** The labels that meet most, at most `most`, and how often each two of them did. */
export function matrixOf(pairs: readonly ConfusedPair[], most = 14): Matrix {
  const weight = new Map<string, number>();
  for (const pair of pairs) for (const label of new Set(pair.labels)) weight.set(label, (weight.get(label) ?? 0) + pair.pairs);
  const labels = [...weight].sort((a, b) => b[1] - a[1]).slice(0, most).map(([label]) => label);
  const place = new Map(labels.map((label, n) => [label, n]));
  const cells = labels.map(() => labels.map(() => 0));
  for (const { labels: [one, other], pairs: n } of pairs) {
    const [row, column] = [place.get(one), place.get(other)];
    if (row === undefined || column === undefined) continue;
    cells[row]![column] = n;
    cells[column]![row] = n;
  }
  return { labels, cells, highest: Math.max(0, ...cells.flat()) };
}

/** The pairs of two different labels, the most frequent first. */
export const confusedOf = (pairs: readonly ConfusedPair[]): ConfusedPair[] =>
  pairs.filter((pair) => pair.labels[0] !== pair.labels[1]).sort((a, b) => b.pairs - a.pairs);

export type Suspicion =
  | { kind: 'fast'; own: string; others: string }
  | { kind: 'constant'; said: string; times: string; of: string; others: string }
  | { kind: 'copied'; same: string; of: string; expected: string }
  | { kind: 'chance'; right: string; low: string; high: string; chance: string };

const PATTERNS: { kind: Suspicion['kind']; names: string[]; pattern: RegExp }[] = [
  { kind: 'fast', names: ['own', 'others'], pattern: /^a median of ([\d.,]+) s an answer; others take ([\d.,]+) s$/ },
  { kind: 'constant', names: ['said', 'times', 'of', 'others'], pattern: /^says (.+) in ([\d,]+) of ([\d,]+) answers; others say it in ([\d.]+) %$/s },
  {
    kind: 'copied',
    names: ['same', 'of', 'expected'],
    pattern: /^gives the same answer as one other annotator in (\d+) of (\d+) records; how both agree with the rest explains ([\d.]+) %$/,
  },
  { kind: 'chance', names: ['right', 'low', 'high', 'chance'], pattern: /^right in ([\d.]+) % \(([\d.]+) to ([\d.]+)\); chance is ([\d.]+) %$/ },
];

/** The figures in a sentence about an annotator; null for one of another form. */
export function readSuspicion(sentence: string): Suspicion | null {
  for (const { kind, names, pattern } of PATTERNS) {
    const found = pattern.exec(sentence);
    if (found) return { kind, ...Object.fromEntries(names.map((name, n) => [name, found[n + 1]!])) } as unknown as Suspicion;
  }
  return null;
}
