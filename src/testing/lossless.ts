import { parse } from 'lossless-json';

/** JSON with every digit kept: integers that a double cannot hold come as bigint. */
export function parseLossless(text: string): unknown {
  return parse(text, undefined, { parseNumber: exact });
}

function exact(digits: string): number | bigint {
  const value = Number(digits);
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? BigInt(digits) : value;
}

/** Where an id and its `_str` form differ (product.md: 64-bit integers are never rounded). */
export function idProblems(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const wrong = entries.filter(([name, text]) => {
    const number = name.endsWith('_str') ? Reflect.get(value, name.slice(0, -4)) : undefined;
    return number !== undefined && String(number) !== text;
  });
  return [
    ...wrong.map(([name, text]) => `${at}/${name} is ${String(text)}, but the number differs`),
    ...entries.flatMap(([name, child]) => idProblems(child, `${at}/${name}`)),
  ];
}
