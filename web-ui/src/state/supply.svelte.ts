/** The records at hand: fetched ahead, as many as there is work for, in the order in which they will be shown. */

import type { Item, NextAnswer, Progress } from '$/api/types';
import { aheadOf, LEAST_AHEAD, MOST_AHEAD } from '$/model/ahead';
import { keepValues } from './keeping';

export interface SupplyParts {
  next: (count: number, have: string[]) => Promise<NextAnswer>;
  storage: Storage;
  /** Names this person and project in storage. */
  place: string;
  /** Records whose answers are on their way. */
  answered: () => string[];
  /** The record in work. */
  current: () => string | null;
  textOf: (record: string) => string;
  arrived: (items: Item[]) => void;
  messageOf: (error: unknown) => string;
}

export function createSupply(parts: SupplyParts) {
  const order = keepValues<string[]>(parts.storage, `goldleaf.order/${parts.place}`);
  /** The order before a reload, the record in work first. */
  let remembered = order.get() ?? [];
  let upcoming = $state.raw<string[]>([]);
  let progress = $state.raw<Progress | null>(null);
  let fetching = $state<'idle' | 'busy' | 'empty' | 'failed'>('idle');
  let trouble = $state<string | null>(null);

  /** How many records are to be at hand. */
  const ahead = (): number => (progress ? aheadOf(progress.left, upcoming.map(parts.textOf)) : LEAST_AHEAD);

  /** As before the reload; what is new follows as it came. */
  function asBefore(records: string[]): string[] {
    const known = remembered.filter((record) => records.includes(record));
    return [...known, ...records.filter((record) => !known.includes(record))];
  }

  /** After a reload the record in work comes first, and the others as they were. */
  function keepOrder(): void {
    const record = parts.current();
    const first = record !== null && upcoming.includes(record) ? [record] : [];
    order.set([...first, ...upcoming.filter((other) => other !== record)]);
  }

  function receive(answer: NextAnswer): void {
    const sent = new Set(parts.answered());
    const fresh = answer.items.filter((item) => !upcoming.includes(item.record) && !sent.has(item.record));
    parts.arrived(fresh);
    if (fresh.length > 0) upcoming = asBefore([...upcoming, ...fresh.map((item) => item.record)]);
    remembered = [];
    progress = answer.progress;
    keepOrder();
    fetching = upcoming.length > 0 ? 'idle' : answer.items.length === 0 ? 'empty' : fetching;
    // There is more than was known when this was asked for.
    if (fresh.length > 0) void more();
  }

  async function more(): Promise<void> {
    const count = Math.min(MOST_AHEAD, Math.max(remembered.length, ahead()) - upcoming.length);
    if (fetching === 'busy' || count <= 0) return;
    fetching = 'busy';
    try {
      const answer = await parts.next(count, [...upcoming, ...parts.answered()]);
      fetching = 'idle';
      trouble = null;
      receive(answer);
    } catch (error) {
      fetching = 'failed';
      trouble = parts.messageOf(error);
    }
  }

  return {
    get upcoming() {
      return upcoming;
    },
    get progress() {
      return progress;
    },
    get fetching() {
      return fetching;
    },
    get trouble() {
      return trouble;
    },
    receive,
    more,
    keepOrder,
    /** What is to come back with the answer to this record. */
    wants(record: string) {
      const have = upcoming.filter((other) => other !== record);
      return { want: Math.max(0, ahead() - have.length), have };
    },
    drop(records: readonly string[]) {
      upcoming = upcoming.filter((record) => !records.includes(record));
      keepOrder();
    },
  };
}
