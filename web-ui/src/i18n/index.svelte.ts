/**
 * The words of the interface. A catalogue is a plain object: texts, and functions where something is counted or named.
 * The English one gives the type, so a key missing in another language does not compile.
 *
 *     m().common.save        m().annotate.left(3)
 *
 * Read it where it is shown (in markup, in $derived): it follows the language.
 */
import { en } from './en';
import { zh } from './zh';

export type Catalogue = typeof en;
export type Locale = 'en' | 'zh-CN';

export const LOCALES: { id: Locale; name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'zh-CN', name: '简体中文' },
];

const CATALOGUES: Record<Locale, Catalogue> = { en, 'zh-CN': zh };
const KEPT = 'goldleaf.locale';

export function preferredLocale(kept: string | null, languages: readonly string[]): Locale {
  if (kept === 'en' || kept === 'zh-CN') return kept;
  return languages[0]?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT);
const current = $state<{ locale: Locale }>({
  locale: preferredLocale(kept, typeof navigator === 'undefined' ? [] : navigator.languages),
});

export function locale(): Locale {
  return current.locale;
}

export function setLocale(next: Locale): void {
  current.locale = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next;
}

export function m(): Catalogue {
  return CATALOGUES[current.locale];
}

/** A number, a day, a duration as the language writes them. */
export const formatNumber = (value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(current.locale, options).format(value);

export const formatPercent = (share: number, digits = 0): string =>
  formatNumber(share, { style: 'percent', maximumFractionDigits: digits });

export const formatTime = (iso: string): string =>
  new Intl.DateTimeFormat(current.locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));

export const formatDay = (iso: string): string =>
  new Intl.DateTimeFormat(current.locale, { dateStyle: 'medium' }).format(new Date(iso));

export function formatDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const unit = (value: number, name: string): string => formatNumber(value, { style: 'unit', unit: name, unitDisplay: 'short' });
  if (seconds < 60) return unit(Math.round(seconds * 10) / 10, 'second');
  if (minutes < 60) return unit(minutes, 'minute');
  return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}
