/** What the server objects, in the person's language: by the reason that it names; without one, or without a translation, as it says it. */

import type { ErrorBody } from '$/api/client';
import { m } from './index.svelte';

/** The parts of an error that are said otherwise; a function is given what the server said. */
export type Reason = { [Part in 'message' | 'found' | 'expected' | 'todo']?: string | ((said: ErrorBody) => string) };

const PARTS = ['message', 'found', 'expected', 'todo'] as const;

export function explain(said: ErrorBody): ErrorBody {
  const reason = said.reason === undefined ? undefined : m().reasons[said.reason];
  if (!reason) return said;
  const told = { ...said };
  for (const part of PARTS) {
    const otherwise = reason[part];
    if (otherwise !== undefined) told[part] = typeof otherwise === 'string' ? otherwise : otherwise(said);
  }
  return told;
}

/** All of it in one line, for a message at the edge of the screen. */
export function inOneLine(said: ErrorBody): string {
  const { message, where, found, expected, todo } = explain(said);
  const words = m().common.errors;
  const facts = [found ? words.found(found) : '', expected ? words.expected(expected) : ''].filter(Boolean).join(words.comma);
  return [where ? words.at(where, message) : message, facts, todo].filter(Boolean).join(words.semicolon);
}
