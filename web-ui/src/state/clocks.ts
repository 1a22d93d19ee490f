/** The active seconds of each record in work. They are kept on this device as they grow, so that a reload does not begin them anew. */

import { pause, secondsOf, touch, type Timer } from '$/model/timer';
import { keepValues } from './keeping';

export type Clocks = ReturnType<typeof createClocks>;

/** `before(record)`: the seconds that were spent elsewhere, as the record's draft says. */
export function createClocks(storage: Storage, prefix: string, now: () => number, before: (record: string) => number) {
  const timers = new Map<string, Timer>();
  const times = keepValues<number>(storage, prefix);

  const of = (record: string): Timer =>
    timers.get(record) ?? { counted: times.get(record) ?? before(record) * 1000, since: null };

  function keep(record: string, timer: Timer): void {
    timers.set(record, timer);
    times.set(timer.counted, record);
  }

  return {
    /** A sign of life. */
    alive: (record: string) => keep(record, touch(of(record), now())),
    /** Stands still until the next sign of life. */
    pause(record: string) {
      if (timers.has(record)) keep(record, pause(of(record), now()));
    },
    seconds: (record: string) => secondsOf(of(record), now()),
    /** Begins with what was spent before. */
    begin: (record: string, seconds: number) => keep(record, { counted: seconds * 1000, since: null }),
    drop(record: string) {
      timers.delete(record);
      times.drop(record);
    },
  };
}
