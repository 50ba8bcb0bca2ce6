import { stringify } from 'lossless-json';

/** JSON text of a body. A 64-bit integer (`bigint`) is written digit by digit. */
export function serialise(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    // JSON.stringify refuses a bigint (ECMA-262 §25.5.2.2); only the Platform API's ids are one.
    if (error instanceof TypeError) return stringify(body) ?? 'null';
    throw error;
  }
}
