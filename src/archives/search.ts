/** The last of the first `count` entries of an ascending column that is ≤ value; -1 when there is none. */
export function lastAtOrBefore(column: Float64Array, count: number, value: number, from = 0): number {
  let low = from;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? Number.POSITIVE_INFINITY) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
