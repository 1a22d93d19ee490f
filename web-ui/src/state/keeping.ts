/** What is kept on this device of records in work and has perhaps not reached the server: drafts, seconds, and the order they came in. */

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface Keeping<Value> {
  get(name?: string): Value | null;
  set(value: Value, name?: string): void;
  drop(name?: string): void;
}

/** Values under one key each. What there is no room for is not kept: of a draft the server has a copy, the rest is a convenience. */
export function keepValues<Value>(storage: Kept, prefix: string): Keeping<Value> {
  return {
    get(name = '') {
      try {
        return JSON.parse(storage.getItem(prefix + name) ?? 'null') as Value | null;
      } catch {
        return null;
      }
    },
    set(value, name = '') {
      try {
        storage.setItem(prefix + name, JSON.stringify(value));
      } catch {
        storage.removeItem(prefix + name);
      }
    },
    drop(name = '') {
      storage.removeItem(prefix + name);
    },
  };
}
