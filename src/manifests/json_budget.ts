const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;

export interface JsonBudget {
  /** Nested containers. */
  depth: number;
  /** Commas and containers together. */
  values: number;
  /** Of one object: a hash table of millions of names is the most expensive thing JSON can ask for. */
  keys: number;
}

/**
 * Whether JSON.parse of these bytes stays within a bounded heap.
 * V8 cannot be stopped inside JSON.parse: a heap limit met there ends the process, not the thread alone.
 */
export function withinJsonBudget(bytes: Uint8Array, budget: JsonBudget): boolean {
  // Per open container: keys that are left in an object, endless in an array.
  const left: number[] = [Number.POSITIVE_INFINITY];
  let depth = 0;
  let values = 0;
  const end = bytes.length;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at++;
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    } else if (byte === COMMA) {
      const remaining = (left[depth] ?? 0) - 1;
      if (++values > budget.values || remaining < 1) return false;
      left[depth] = remaining;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (++values > budget.values || ++depth > budget.depth) return false;
      left[depth] = byte === OPEN_OBJECT ? budget.keys : Number.POSITIVE_INFINITY;
    } else if (byte === OPEN_OBJECT + 2 || byte === OPEN_ARRAY + 2) {
      if (--depth < 0) return false;
    }
  }
  return true;
}
