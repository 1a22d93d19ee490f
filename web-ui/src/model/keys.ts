/** Keys of labels: digits first, then the letters that no command uses, then these with Shift. */

export const COMMAND_LETTERS = 'abfghnsx';
const LETTERS = 'qwertyuiopdjklzcvm';
export const LABEL_KEYS: string[] = [...'1234567890', ...LETTERS, ...[...LETTERS].map((letter) => `Shift+${letter.toUpperCase()}`)];

/** The key of each label, in the schema's order; labels beyond the last key have none. */
export function keysOf(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.slice(0, LABEL_KEYS.length).map((label, i) => [label, LABEL_KEYS[i]!]));
}

export interface KeyLike {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing?: boolean;
}

const NAMED: Record<string, string> = { ' ': 'Space', Esc: 'Escape', Del: 'Delete' };

/** `Ctrl` stands for Command too. */
function baseKey(event: KeyLike): string | null {
  const physical = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(event.code);
  const typed = event.key;
  // Alt changes what a key types on some systems, an input method or another script hides it: then the key itself counts.
  const hidden = event.altKey || typed === 'Process' || typed === 'Unidentified' || /^[^\x00-\x7f]$/u.test(typed);
  if (physical && (hidden || /^[a-z]$/i.test(typed))) {
    const letter = hidden ? physical[1] : typed.toUpperCase();
    return physical[2] && hidden ? physical[2] : (letter?.toLowerCase() ?? null);
  }
  if (typed.length === 1) return typed.toLowerCase() === typed ? (NAMED[typed] ?? typed) : typed.toLowerCase();
  return NAMED[typed] ?? typed;
}

/** How a key press is written in a command's `keys`: `Ctrl+Shift+Z`, `Alt+ArrowLeft`, `s`, `?`. */
export function chordOf(event: KeyLike): string | null {
  if (event.isComposing || event.key === 'Dead') return null;
  const base = baseKey(event);
  if (!base || ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock'].includes(base)) return null;
  const letter = /^[a-z]$/.test(base);
  const mods: string[] = [];
  if (event.ctrlKey || event.metaKey) mods.push('Ctrl');
  if (event.altKey) mods.push('Alt');
  // Punctuation already says whether Shift was down.
  if (event.shiftKey && (letter || base.length > 1 || mods.length > 0)) mods.push('Shift');
  return [...mods, letter && mods.length > 0 ? base.toUpperCase() : base].join('+');
}

const SHOWN: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Enter: '↵',
  Escape: 'Esc',
  Backspace: '⌫',
  Delete: 'Del',
  Space: '␣',
  Shift: '⇧',
};

/** A chord as it is printed on a key. */
export function showKey(chord: string): string {
  const plus = chord.endsWith('++') || chord === '+';
  const parts = plus ? [...chord.slice(0, -1).split('+').filter(Boolean), '+'] : chord.split('+');
  return parts.map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(parts.length > 1 ? ' ' : '');
}
