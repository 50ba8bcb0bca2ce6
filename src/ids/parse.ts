const LARGEST = 9223372036854775807n;

/** An id from a path or body as a string of digits; `undefined` where it can be no Snowflake (the caller says not_found). */
export function parseId(text: string): string | undefined {
  if (!/^[1-9][0-9]{0,18}$/.test(text)) return undefined;
  return BigInt(text) <= LARGEST ? text : undefined;
}
