/** What an import's answer says, ready to be shown. */

export const COUNTS = ['read', 'added', 'known', 'gold_added', 'gold_changed', 'annotations_added', 'suggestions_added', 'skipped'] as const;
export type CountName = (typeof COUNTS)[number];

/** The counts in their order; those of nothing are left out, except how much was read and how much of it was new. */
export function counted(outcome: Record<string, unknown>): [CountName, number][] {
  return COUNTS.map((key): [CountName, number] => [key, Number(outcome[key] ?? 0)]).filter(
    ([key, n]) => n > 0 || key === 'read' || key === 'added',
  );
}

/** `field: label, label` for every field that got new labels. */
export function newLabels(outcome: Record<string, unknown>): string[] {
  const added = (outcome['labels_added'] ?? {}) as Record<string, unknown>;
  return Object.entries(added).map(([field, labels]) => `${field}: ${Array.isArray(labels) ? labels.join(', ') : String(labels)}`);
}

/** A remark: the server's words and, where it has a name, that and the numbers and names in it. */
export type Remark = { message: string; reason?: string } & Record<string, string>;

/** What the import remarks, in the person's language as far as `words` has it. */
export function remarks(outcome: Record<string, unknown>, words: Record<string, (said: Remark) => string>): string[] {
  const said = (outcome['remarks'] ?? []) as Remark[];
  return said.map((remark) => (remark.reason === undefined ? undefined : words[remark.reason]?.(remark)) ?? remark.message);
}
