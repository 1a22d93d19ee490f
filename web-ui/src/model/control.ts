/**
 * Characters that would act instead of being read: terminal escapes, other control characters, and those that reorder the text around
 * them. They are shown by name.
 */

const NAMES: Record<number, string> = {
  0x00: 'NUL',
  0x07: 'BEL',
  0x08: 'BS',
  0x0b: 'VT',
  0x0c: 'FF',
  0x0d: 'CR',
  0x1b: 'ESC',
  0x7f: 'DEL',
  0x061c: 'ALM',
  0x200b: 'ZWSP',
  0x200e: 'LRM',
  0x200f: 'RLM',
  0x2028: 'LS',
  0x2029: 'PS',
  0x202a: 'LRE',
  0x202b: 'RLE',
  0x202c: 'PDF',
  0x202d: 'LRO',
  0x202e: 'RLO',
  0x2060: 'WJ',
  0x2066: 'LRI',
  0x2067: 'RLI',
  0x2068: 'FSI',
  0x2069: 'PDI',
  0xfeff: 'BOM',
};

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/;

export interface Run {
  text: string;
  /** The name of a control character; null for ordinary text. */
  name: string | null;
}

export function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A text as runs of ordinary text and single control characters. */
export function runsOf(text: string): Run[] {
  if (!CONTROL.test(text)) return text ? [{ text, name: null }] : [];
  const runs: Run[] = [];
  let plain = '';
  for (const character of text) {
    if (!CONTROL.test(character)) {
      plain += character;
      continue;
    }
    if (plain) runs.push({ text: plain, name: null });
    plain = '';
    runs.push({ text: character, name: nameOf(character) });
  }
  if (plain) runs.push({ text: plain, name: null });
  return runs;
}
