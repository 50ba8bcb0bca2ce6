/** In unit tests a password takes half a MiB and a millisecond: hundreds are set and checked. */
export const COST = { N: 2 ** 9, r: 8, p: 2 };
