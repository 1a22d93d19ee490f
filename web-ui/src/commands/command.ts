/** One object per action, shared by the keyboard, the palette, the buttons and the help sheet. */

import { chordOf, type KeyLike } from '$/model/keys';

export type Group = 'labels' | 'text' | 'suggestions' | 'record' | 'view';

export interface Command {
  id: string;
  /** What it is called, in the person's language. */
  label: string;
  group: Group;
  keys: string[];
  /** Where no single key does it: keys that do it one after the other. */
  path?: string[];
  when: () => boolean;
  run: () => void | Promise<void>;
  /** Works while one types in an input, too. */
  whileTyping?: boolean;
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=radio],[type=checkbox],[type=button]), textarea, select'));

/** The command that a key press means, or null. */
export function commandFor(commands: readonly Command[], event: KeyLike, typing = false): Command | null {
  const chord = chordOf(event);
  if (chord === null) return null;
  return commands.find((command) => command.keys.includes(chord) && (!typing || command.whileTyping) && command.when()) ?? null;
}

/** Runs what a key press means. A control that has the focus keeps the keys that work it. */
export function handleKey(commands: readonly Command[], event: KeyboardEvent): void {
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const onControl = target?.closest('button, a[href], summary, [role=menuitem]');
  if (onControl && (event.key === 'Enter' || event.key === ' ')) return;
  const command = commandFor(commands, event, isTyping(target));
  if (!command) return;
  event.preventDefault();
  void command.run();
}

/** The commands whose name holds every word of the query, in order of appearance. */
export function search(commands: readonly Command[], query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter((command) => words.every((word) => command.label.toLowerCase().includes(word)));
}
