/** Keeps what was made for a key; forgets all when the memo is full, so that it never grows without end. */
export const remember = <K, V>(memo: Map<K, V>, keep: number, key: K, value: V): V => {
  if (memo.size >= keep) memo.clear();
  memo.set(key, value);
  return value;
};
