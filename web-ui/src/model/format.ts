/** Durations, days and sizes as people read them; `language` is the interface's. Where there is no value: a dash. */

export const NONE = '–';

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** A share between 0 and 1 as a percentage in the language's own way. */
export function formatShare(share: number | null | undefined, language: string, digits = 0): string {
  if (!isNumber(share)) return NONE;
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(share);
}

/** Active time: `8.4 sec` under a minute, `3 min 20 sec` under an hour, `5 hr 12 min` above. */
export function formatSeconds(seconds: number | null | undefined, language: string): string {
  if (!isNumber(seconds)) return NONE;
  const unit = (value: number, name: 'second' | 'minute' | 'hour', digits = 0): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);
  if (seconds < 59.95) return unit(seconds, 'second', 1);
  const whole = Math.round(seconds);
  if (whole < 3600) return joined(unit(Math.floor(whole / 60), 'minute'), whole % 60, (n) => unit(n, 'second'));
  const minutes = Math.round(whole / 60);
  return joined(unit(Math.floor(minutes / 60), 'hour'), minutes % 60, (n) => unit(n, 'minute'));
}

function joined(large: string, rest: number, small: (n: number) => string): string {
  return rest === 0 ? large : `${large} ${small(rest)}`;
}

/** A moment, as date and time of the reader's place. What is no moment is given back as it came. */
export function formatMoment(at: string | null | undefined, language: string): string {
  if (!at) return NONE;
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return at;
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(moment);
}

/** A day (`2026-11-24`) without its year, and without shifting it into another time zone. */
export function formatDay(day: string, language: string): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(day);
  if (!parts) return day;
  const date = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
  return new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(date);
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A file's size in bytes, kB, MB or GB. */
export function formatBytes(bytes: number, language: string): string {
  const step = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: SIZES[step]!,
    unitDisplay: 'short',
    maximumFractionDigits: step === 0 || value >= 100 ? 0 : 1,
  }).format(value);
}
