/** Something that is written and not saved: leaving it, in the app or with the window, is asked about first. */

import { m } from '$/i18n/index.svelte';
import { guardPlace } from '$/state/router.svelte';

/** Call while a component is set up; `changed` says whether there is anything to lose. */
export function askBeforeLosing(changed: () => boolean): void {
  $effect(() => {
    if (!changed()) return;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    const release = guardPlace(() => confirm(m().common.loseChanges));
    addEventListener('beforeunload', stay);
    return () => {
      release();
      removeEventListener('beforeunload', stay);
    };
  });
}
