/** A project before it exists: a template or a schema put together in the browser, checked before it is sent. */

import type { SchemaField } from '$/api/types';

export const TEMPLATES = ['ner', 'classification', 'intent-slots', 'tags'] as const;
export type Template = (typeof TEMPLATES)[number];

/** A field as it is being typed: its labels are still one text. */
export interface FieldDraft {
  name: string;
  kind: SchemaField['kind'];
  labels: string;
  many: boolean;
  overlap: NonNullable<SchemaField['overlap']>;
}

/** The fields that a template begins with, ready to be changed. */
export function templateFields(template: Template): FieldDraft[] {
  return TEMPLATE_FIELDS[template].map(([name, kind]) => emptyField(name, kind));
}

const TEMPLATE_FIELDS: Record<Template, [string, SchemaField['kind']][]> = {
  ner: [['entities', 'spans']],
  classification: [['label', 'choice']],
  'intent-slots': [
    ['intent', 'choice'],
    ['slots', 'spans'],
  ],
  tags: [['tags', 'tags']],
};

export function emptyField(name = '', kind: SchemaField['kind'] = 'choice'): FieldDraft {
  return { name, kind, labels: '', many: false, overlap: 'flat' };
}

/** Labels out of a text: one a line, or, where it is a single line, separated by commas of either script. */
export function parseLabels(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const filled = lines.filter((line) => line !== '');
  const parts = filled.length > 1 ? filled : (filled[0] ?? '').split(/[,，、;；\t]/).map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}

const RESERVED = new Set(
  'id record text tokens meta group timestamp split gold annotations suggestions scores'.split(' '),
);

/** What is wrong with a field's name among the others: a message key, or null. */
export function nameProblem(fields: readonly FieldDraft[], at: number): 'empty' | 'letters' | 'reserved' | 'twice' | null {
  const name = fields[at]!.name.trim();
  if (name === '') return 'empty';
  if (!/^[\p{L}\p{N}\p{M}_][\p{L}\p{N}\p{M}_.-]*$/u.test(name)) return 'letters';
  if (RESERVED.has(name) || name.startsWith('meta.')) return 'reserved';
  return fields.some((field, n) => n !== at && field.name.trim() === name) ? 'twice' : null;
}

/** The schema's fields as the server takes them, options that do not apply left out. */
export function finishFields(fields: readonly FieldDraft[]): Record<string, unknown>[] {
  return fields.map((field) => ({
    name: field.name.trim(),
    kind: field.kind,
    labels: parseLabels(field.labels),
    ...(field.kind === 'choice' && field.many ? { many: true } : {}),
    ...(field.kind === 'spans' && field.overlap !== 'flat' ? { overlap: field.overlap } : {}),
  }));
}

/** The fields of a schema written as JSON (`{"fields": [...]}` or the list alone); null where it is none. */
export function readFields(json: string): FieldDraft[] | null {
  try {
    const data: unknown = JSON.parse(json);
    const list: unknown = Array.isArray(data) ? data : (data as { fields?: unknown } | null)?.fields;
    if (!Array.isArray(list) || list.length === 0) return null;
    return list.map((entry: Partial<SchemaField>) => {
      if (typeof entry.name !== 'string' || !KINDS.includes(entry.kind as SchemaField['kind'])) throw new TypeError('no field');
      return {
        ...emptyField(entry.name, entry.kind),
        labels: Array.isArray(entry.labels) ? entry.labels.join('\n') : '',
        many: entry.many === true,
        overlap: entry.overlap ?? 'flat',
      };
    });
  } catch {
    return null;
  }
}

const KINDS: readonly SchemaField['kind'][] = ['choice', 'spans', 'tags'];
