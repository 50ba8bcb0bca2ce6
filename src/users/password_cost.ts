export interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What OWASP's Password Storage Cheat Sheet asks for: 64 MiB of memory, twice, for each guess (RFC 7914). */
export const COST: Cost = { N: 2 ** 16, r: 8, p: 2 };
