/** What a person does with a whole record. Each is one command's `run`. */

import type { Status } from '$/api/types';
import { m } from '$/i18n/index.svelte';
import { finished, missing } from '$/model/work';
import { attempt } from '$/state/app.svelte';
import type { Desk } from '$/state/desk.svelte';
import type { Session } from '$/state/session.svelte';
import { toast } from '$/state/toasts.svelte';
import { history } from '$/api/desk';

/** Hands in what was said, once every question has an answer. */
export function submit(desk: Desk, session: Session): void {
  const work = session.work;
  if (!work) return;
  const gap = missing(work, desk.fields)[0];
  if (gap) {
    session.showGap(desk.fields.indexOf(gap.field));
    const words = m().annotate;
    toast(gap.tokens > 0 ? words.missingTokens(gap.field.name, gap.tokens) : words.missing(gap.field.name));
    return;
  }
  if (Object.keys(finished(work, desk.fields)).length === 0) toast(m().annotate.nothingToSay);
  else handIn(desk, session, 'submitted', {});
}

export function handIn(desk: Desk, session: Session, status: Status, more: { reason?: string; comment?: string }): void {
  const names: Record<Status, string> = {
    submitted: m().annotate.did.submitted,
    skipped: m().annotate.did.skipped,
    flagged: m().annotate.did.flagged,
  };
  const before = session.record;
  desk.submit(names[status], { status, ...more });
  if (session.record !== before) session.reset();
}

function follow(session: Session, step: () => string | null, say: (what: string) => string): void {
  const before = session.record;
  const what = step();
  if (what === null) return;
  if (session.record !== before) session.reset();
  toast(say(what));
}

export const undo = (desk: Desk, session: Session): void => follow(session, desk.stepBack, m().annotate.undone);
export const redo = (desk: Desk, session: Session): void => follow(session, desk.stepForward, m().annotate.redone);

export async function openRecord(desk: Desk, session: Session, record: string): Promise<void> {
  await attempt(() => desk.open(m().annotate.did.opened, record));
  session.reset();
}

/** The record handed in before the one that is open. */
export async function openPrevious(desk: Desk, session: Session): Promise<void> {
  const page = await attempt(() => history(desk.project.name, null, 50));
  if (!page) return;
  const at = page.items.findIndex((entry) => entry.record === session.record);
  const entry = page.items[at + 1];
  if (entry) await openRecord(desk, session, entry.record);
}

export function backToQueue(desk: Desk, session: Session): void {
  desk.close(m().annotate.did.closed);
  session.reset();
}
