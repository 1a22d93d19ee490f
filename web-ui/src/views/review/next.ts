/** Where a reviewer goes from a record. */

import type { ReviewRow } from '$/api/types';

/** Still worth a decision: doubted; or in dispute or flagged, and not adjudicated. */
export const isWaiting = (row: ReviewRow): boolean =>
  (row.doubt ?? null) !== null || (row.gold !== 'adjudicated' && (row.fields_in_dispute.length > 0 || row.flagged === true));

/** The first record after this one that waits, else the first one before it; null where none does. */
export function nextWaiting(rows: readonly ReviewRow[], record: string): string | null {
  const at = rows.findIndex((row) => row.record === record);
  const ordered = [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0))];
  return ordered.find(isWaiting)?.record ?? null;
}
