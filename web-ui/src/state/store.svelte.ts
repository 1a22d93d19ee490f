/** One store: a value that is replaced, never changed in place, and observers that are told what it was and what it became. */

export interface Change<State> {
  name: string;
  before: State;
  after: State;
  /** Something a person did, which they may want to take back. */
  undoable: boolean;
}

export interface Store<State> {
  readonly state: State;
  change(name: string, after: State, options?: { undoable?: boolean }): void;
  observe(observer: (change: Change<State>) => void): () => void;
}

export function createStore<State>(initial: State): Store<State> {
  let state = $state.raw(initial);
  const observers = new Set<(change: Change<State>) => void>();
  return {
    get state() {
      return state;
    },
    change(name, after, { undoable = true } = {}) {
      const before = state;
      if (after === before) return;
      state = after;
      for (const observer of observers) observer({ name, before, after, undoable });
    },
    observe(observer) {
      observers.add(observer);
      return () => observers.delete(observer);
    },
  };
}
