/** The filters of the record list live in the address, so that a view of them can be sent to somebody. */

export const FILTERS = ['q', 'field', 'label', 'annotator', 'status', 'split', 'min_score', 'max_score'] as const;
export type FilterName = (typeof FILTERS)[number];
export type FilterValues = Record<FilterName, string>;

export function readFilters(query: URLSearchParams): FilterValues {
  return Object.fromEntries(FILTERS.map((key) => [key, query.get(key) ?? ''])) as FilterValues;
}

/** `?q=…&status=…` with only what is set; empty where nothing is. */
export function asQuery(values: FilterValues): string {
  const set = FILTERS.map((key) => [key, values[key].trim()]).filter(([, value]) => value !== '') as [string, string][];
  const text = new URLSearchParams(set).toString();
  return text ? `?${text}` : '';
}
