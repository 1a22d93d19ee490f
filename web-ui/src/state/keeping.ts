/** Local drafts: what was typed on this device and has perhaps not reached the server. One key a record. */

import type { Draft } from '$/model/work';

export interface Keeping {
  get(record: string): Draft | null;
  set(record: string, values: Draft): void;
  drop(record: string): void;
}

export function keepDrafts(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, prefix: string): Keeping {
  return {
    get(record) {
      try {
        return JSON.parse(storage.getItem(prefix + record) ?? 'null') as Draft | null;
      } catch {
        return null;
      }
    },
    set(record, values) {
      try {
        storage.setItem(prefix + record, JSON.stringify(values));
      } catch {
        // No room left on this device: the server's copy of the draft has to do.
      }
    },
    drop(record) {
      storage.removeItem(prefix + record);
    },
  };
}
