/** What the tests of `state/` stand on: storage in memory. */

export function memoryStorage(limit = Infinity): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    key: (i) => [...kept.keys()][i] ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem: (key, value) => {
      if (value.length > limit) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
  };
}

export const settled = async (turns = 12): Promise<void> => {
  for (let i = 0; i < turns; i += 1) await Promise.resolve();
};
