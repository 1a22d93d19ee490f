/** What a person likes on this device. Kept in localStorage; never sent. */

export type Theme = 'auto' | 'light' | 'dark';

export interface Prefs {
  theme: Theme;
  /** Size of a record's text, 1 = as designed. */
  textSize: number;
  /** Hands a record in as soon as its only question is answered. */
  swift: boolean;
  /** The guidelines stand beside the record. */
  guide: boolean;
}

const KEPT = 'goldleaf.prefs';
const DEFAULTS: Prefs = { theme: 'auto', textSize: 1, swift: false, guide: false };

export function parsePrefs(text: string | null): Prefs {
  try {
    const data = JSON.parse(text ?? '{}') as Partial<Prefs>;
    const theme = data.theme === 'light' || data.theme === 'dark' ? data.theme : 'auto';
    const size = typeof data.textSize === 'number' ? Math.min(1.8, Math.max(0.8, data.textSize)) : 1;
    return { theme, textSize: size, swift: data.swift === true, guide: data.guide === true };
  } catch {
    return DEFAULTS;
  }
}

export const prefs = $state<Prefs>(parsePrefs(typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT)));

export function applyTheme(): void {
  const root = document.documentElement;
  if (prefs.theme === 'auto') delete root.dataset['theme'];
  else root.dataset['theme'] = prefs.theme;
}

export function setPrefs(change: Partial<Prefs>): void {
  Object.assign(prefs, change);
  localStorage.setItem(KEPT, JSON.stringify(prefs));
  applyTheme();
}
