/**
 * Something that is written and not saved: leaving it, in the app or with the window, is asked about first, and this device keeps it,
 * so that it is there again after a session that ended in the middle of it.
 */

import { m } from '$/i18n/index.svelte';
import { app } from '$/state/app.svelte';
import { keepValues } from '$/state/keeping';
import { guardPlace } from '$/state/router.svelte';

/** Call while a component is set up; `changed` says whether there is anything to lose, `lost` is told that it is given up. */
export function askBeforeLosing(changed: () => boolean, lost: () => void = () => undefined): void {
  $effect(() => {
    if (!changed()) return;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    const release = guardPlace(() => {
      const leave = confirm(m().common.loseChanges);
      if (leave) lost();
      return leave;
    });
    addEventListener('beforeunload', stay);
    return () => {
      release();
      removeEventListener('beforeunload', stay);
    };
  });
}

/**
 * Keeps what `written` says (null: nothing) for this person, kind of work and project, and asks before it is lost. Call while a component
 * is set up; the answer is what was kept before, to begin with.
 */
export function keepUnsaved<Value>(kind: string, project: string, written: () => Value | null): Value | null {
  const kept = keepValues<Value>(localStorage, `goldleaf.${kind}/${encodeURIComponent(app.me?.name ?? '')}/`);
  const place = encodeURIComponent(project);
  const found = kept.get(place);
  const drop = (): void => kept.drop(place);
  let begun = false;
  $effect(() => {
    const value = written();
    if (value !== null) kept.set(value, place);
    else if (begun) drop();
    begun ||= value !== null;
  });
  askBeforeLosing(() => written() !== null, drop);
  return found;
}
