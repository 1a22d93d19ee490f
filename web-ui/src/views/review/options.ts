import type { SchemaField } from '$/api/types';
import type { Dispute, Option } from '$/model/compare';

/** What can be chosen at a place: what the answers say and, for spans, always that nothing is there. */
export function optionsOf(field: SchemaField, dispute: Dispute): Option[] {
  const nothing = dispute.options.some((option) => option.part.length === 0);
  return field.kind === 'spans' && !nothing ? [...dispute.options, { part: [], voters: [] }] : dispute.options;
}
