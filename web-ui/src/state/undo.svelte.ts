/** Undo and redo without limit: an observer of the store. States share what did not change, so a step costs little. */

import type { Change, Store } from './store.svelte';

export interface Undo<State> {
  readonly next: { undo: string | null; redo: string | null };
  undo(): Change<State> | null;
  redo(): Change<State> | null;
  clear(): void;
}

/** `restore(current, kept)` says what of a kept state is brought back into the current one. */
export function watchUndo<State>(store: Store<State>, restore: (current: State, kept: State) => State): Undo<State> {
  let past = $state.raw<Change<State>[]>([]);
  let future = $state.raw<Change<State>[]>([]);

  store.observe((change) => {
    if (!change.undoable) return;
    past = [...past, change];
    future = [];
  });

  return {
    get next() {
      return { undo: past.at(-1)?.name ?? null, redo: future.at(-1)?.name ?? null };
    },
    undo() {
      const change = past.at(-1);
      if (!change) return null;
      past = past.slice(0, -1);
      future = [...future, change];
      store.change(change.name, restore(store.state, change.before), { undoable: false });
      return change;
    },
    redo() {
      const change = future.at(-1);
      if (!change) return null;
      future = future.slice(0, -1);
      past = [...past, change];
      store.change(change.name, restore(store.state, change.after), { undoable: false });
      return change;
    },
    clear() {
      past = [];
      future = [];
    },
  };
}
