/**
 * Values as pg sends them, with objects written as JSON. pg writes them only while it sends the statement, and one
 * that cannot be written (a bigint or a cycle in JSON) then closes the prepared statement on the server without
 * noticing, which breaks every later use of it on that connection; here it throws before anything is sent.
 * @throws TypeError
 */
export function toParameters(values: readonly unknown[]): unknown[] {
  return values.map((value) => {
    if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`${typeof value} as a parameter`);
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) throw new TypeError('invalid date as a parameter');
      return value;
    }
    if (ArrayBuffer.isView(value)) return value;
    return Array.isArray(value) ? toParameters(value) : JSON.stringify(value);
  });
}
