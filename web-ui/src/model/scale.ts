/** The arithmetic of the small plots: round ticks, positions, and the shape of bars and lines. */

/** Round tick values from 0 to at least `highest`, at most `wanted` steps of 1, 2 or 5 times a power of ten. */
export function ticks(highest: number, wanted = 4): number[] {
  if (!(highest > 0)) return [0, 1];
  const rough = highest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!;
  const count = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, n) => Number((n * step).toPrecision(12)));
}

/** Maps [0, highest] onto a length. */
export function scale(highest: number, length: number): (value: number) => number {
  return (value) => (highest > 0 ? (value / highest) * length : 0);
}

/** Which of `count` labels under an axis are drawn so that at most `room` of them are, the last always among them. */
export function shownLabels(count: number, room: number): Set<number> {
  const every = Math.max(1, Math.ceil(count / Math.max(1, room)));
  const shown = new Set<number>();
  for (let at = count - 1; at >= 0; at -= every) shown.add(at);
  return shown;
}

/** Days without work are days all the same: the list filled up so that every day between first and last is in it. */
export function everyDay<Row extends { day: string }>(rows: Row[], empty: (day: string) => Row, most = 120): Row[] {
  const sorted = [...rows].sort((a, b) => a.day.localeCompare(b.day));
  const first = sorted[0];
  const last = sorted[sorted.length - 1];
  if (!first || !last) return [];
  const known = new Map(sorted.map((row) => [row.day, row]));
  const filled: Row[] = [];
  for (let day = first.day, n = 0; day <= last.day && n < 5000; day = dayAfter(day), n += 1)
    filled.push(known.get(day) ?? empty(day));
  return filled.slice(-most);
}

function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}
