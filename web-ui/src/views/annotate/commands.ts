/** Every action of the annotation screen, once: name, group, keys, when it can be done, and what it does. */

import type { Command, Group } from '$/commands/command';
import { m } from '$/i18n/index.svelte';
import { acceptAll } from '$/model/work';
import type { Desk } from '$/state/desk.svelte';
import { prefs, setPrefs } from '$/state/prefs.svelte';
import type { Session } from '$/state/session.svelte';
import { backToQueue, openPrevious, redo, submit, undo } from './acts';
import type { Panels } from './screen.svelte';

const make = (
  group: Group,
  id: string,
  label: string,
  keys: string[],
  run: Command['run'],
  when: () => boolean = () => true,
  more: Partial<Command> = {},
): Command => ({ id, label, group, keys, when, run, ...more });

/** The keys that lead from the question being asked to another one. */
export function wayTo(desk: Desk, session: Session, at: number): string[] {
  const n = desk.fields.length;
  const on = (at - session.active + n) % n;
  return on <= n / 2 ? Array<string>(on).fill('n') : Array<string>(n - on).fill('Shift+N');
}

/** The labels of the question being asked, then those of the others. */
function labelCommands(desk: Desk, session: Session): Command[] {
  const words = m().annotate;
  return [session.field, ...desk.fields.filter((field) => field !== session.field)].flatMap((field) => {
    const here = field === session.field;
    const keys = session.keysOf(field);
    const way = wayTo(desk, session, desk.fields.indexOf(field));
    return field.labels.map((label): Command => {
      const named = field.kind === 'choice' ? words.chooseIt(label) : words.labelIt(label);
      const key = keys[label];
      const run = (): void => {
        if (!here) session.activate(desk.fields.indexOf(field), true);
        session.label(label);
      };
      const more = !here && key ? { path: [...way, key] } : {};
      const id = here ? `label.${label}` : `label.${field.name}.${label}`;
      const can = (): boolean => session.item !== null && (field.kind !== 'tags' || session.item.tokens !== null);
      return make('labels', id, desk.fields.length > 1 ? `${named} (${field.name})` : named, here && key ? [key] : [], run, can, more);
    });
  });
}

function textCommands(desk: Desk, session: Session): Command[] {
  const words = m().annotate;
  const hasText = desk.fields.some((field) => field.kind !== 'choice');
  const inText = (): boolean => session.item !== null && hasText;
  const picked = (): boolean => session.pick !== null;
  return [
    make('text', 'next', words.nextToken, ['ArrowRight'], () => session.move(1), inText),
    make('text', 'previous', words.previousToken, ['ArrowLeft'], () => session.move(-1), inText),
    make('text', 'extend', words.extendRight, ['Shift+ArrowRight'], () => session.move(1, true), inText),
    make('text', 'extend-back', words.extendLeft, ['Shift+ArrowLeft'], () => session.move(-1, true), inText),
    make('text', 'first', words.firstToken, ['Home'], () => session.move('first'), inText),
    make('text', 'last', words.lastToken, ['End'], () => session.move('last'), inText),
    make('text', 'next-span', words.nextSpan, ['ArrowDown'], () => session.pickNext(1), () => session.shown.length > 0),
    make('text', 'previous-span', words.previousSpan, ['ArrowUp'], () => session.pickNext(-1), () => session.shown.length > 0),
    make('text', 'grow', words.growEnd, ['Alt+ArrowRight', ']'], () => session.resize('end', 1), picked),
    make('text', 'shrink', words.shrinkEnd, ['Alt+ArrowLeft', '['], () => session.resize('end', -1), picked),
    make('text', 'grow-start', words.growStart, ['Alt+Shift+ArrowLeft', '{'], () => session.resize('start', -1), picked),
    make('text', 'shrink-start', words.shrinkStart, ['Alt+Shift+ArrowRight', '}'], () => session.resize('start', 1), picked),
    make('text', 'delete', words.deleteSpan, ['Backspace', 'Delete'], session.remove, () => session.item !== null),
    make('text', 'deselect', words.deselect, ['Escape'], session.deselect),
    make('text', 'snap', words.snap, ['s'], session.toggleSnap, inText),
  ];
}

function suggestionCommands(desk: Desk, session: Session): Command[] {
  const words = m().annotate;
  const some = (): boolean => session.pendingCount > 0;
  const acceptAndSubmit = (): void => {
    if (some()) desk.edit(words.did.acceptedAll, (work) => acceptAll(work, desk.fields));
    submit(desk, session);
  };
  return [
    make('suggestions', 'accept', words.acceptOne, ['Space'], session.acceptOne, some),
    make('suggestions', 'accept-all', words.acceptAll, ['a'], session.acceptEverything, some),
    make('suggestions', 'accept-submit', words.acceptAndSubmit, ['Shift+Enter'], acceptAndSubmit, () => session.item !== null),
    make('suggestions', 'dismiss-all', words.dismissAll, ['Shift+Backspace', 'Shift+Delete'], session.dismissEverything, some),
    make(
      'suggestions',
      'hide',
      session.hidden ? words.showSuggestions : words.hideSuggestions,
      ['h'],
      session.toggleHidden,
      () => some() || session.hidden,
    ),
  ];
}

function recordCommands(desk: Desk, session: Session, panels: Panels): Command[] {
  const words = m().annotate;
  const here = (): boolean => session.item !== null;
  return [
    make('record', 'submit', words.submit, ['Enter', 'Ctrl+Enter'], () => submit(desk, session), here),
    make('record', 'skip', words.skip, ['x'], () => panels.show('skip'), here),
    make('record', 'flag', words.flag, ['f'], () => panels.show('flag'), here),
    make('record', 'undo', words.undo, ['Ctrl+Z'], () => undo(desk, session), () => desk.undo.next.undo !== null),
    make('record', 'redo', words.redo, ['Ctrl+Shift+Z', 'Ctrl+Y'], () => redo(desk, session), () => desk.undo.next.redo !== null),
    make('record', 'back', words.previousRecord, ['b'], () => openPrevious(desk, session)),
    make('record', 'queue', words.backToQueue, ['Shift+B'], () => backToQueue(desk, session), () => desk.reopened),
    make('record', 'history', words.history, ['Shift+H'], () => panels.show('history')),
    ...fieldCommands(desk, session),
  ];
}

function fieldCommands(desk: Desk, session: Session): Command[] {
  const several = (): boolean => desk.fields.length > 1;
  return [
    make('record', 'next-field', m().annotate.nextField, ['n'], () => session.activate(session.active + 1), several),
    make('record', 'previous-field', m().annotate.previousField, ['Shift+N'], () => session.activate(session.active - 1), several),
  ];
}

function viewCommands(desk: Desk, panels: Panels): Command[] {
  const words = m().annotate;
  const size = (step: number): void => {
    const sizes = [0.8, 0.9, 1, 1.2, 1.4, 1.6];
    const at = sizes.indexOf(prefs.textSize);
    setPrefs({ textSize: sizes[Math.min(Math.max((at < 0 ? 2 : at) + step, 0), sizes.length - 1)] ?? 1 });
  };
  return [
    make('view', 'guidelines', words.guidelines, ['g'], () => setPrefs({ guide: !prefs.guide })),
    make('view', 'larger', words.textLarger, ['+'], () => size(1)),
    make('view', 'smaller', words.textSmaller, ['-'], () => size(-1)),
    make('view', 'swift', words.swift, ['Shift+S'], () => setPrefs({ swift: !prefs.swift }), () => isSwiftable(desk)),
    make('view', 'palette', words.palette, ['Ctrl+K', '/'], () => panels.show('palette'), () => true, { whileTyping: true }),
    make('view', 'help', words.help, ['?'], () => panels.show('help')),
  ];
}

/** One question, one answer: choosing could be all there is to do. */
const isSwiftable = (desk: Desk): boolean =>
  desk.fields.length === 1 && desk.fields[0]?.kind === 'choice' && !desk.fields[0].many;

export function commandsOf(desk: Desk, session: Session, panels: Panels): Command[] {
  return [
    ...labelCommands(desk, session),
    ...textCommands(desk, session),
    ...suggestionCommands(desk, session),
    ...recordCommands(desk, session, panels),
    ...viewCommands(desk, panels),
  ];
}
