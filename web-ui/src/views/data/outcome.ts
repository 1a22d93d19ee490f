/** The counts of an import's answer, in its order: numbers as they are, lists by their length, what is nothing left out. */
export function counted(outcome: Record<string, unknown>): [string, number][] {
  const rows: [string, number][] = [];
  for (const [key, value] of Object.entries(outcome)) {
    const n = Array.isArray(value) ? value.length : value;
    if (typeof n === 'number' && (n > 0 || key === 'read' || key === 'added')) rows.push([key, n]);
  }
  return rows;
}
