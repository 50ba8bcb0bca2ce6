import { parse, stringify } from 'lossless-json';

/**
 * In place of the reference's own, which rounds ids above 2^53 in what was answered (scalar/scalar#9343): here every number
 * keeps its digits.
 */
export function prettyPrintJson(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'object' ? printObject(value) : String(value ?? '');
  try {
    return stringify(parse(value), null, 2) ?? value;
  } catch {
    return value;
  }
}

function printObject(value: unknown): string {
  try {
    return JSON.stringify(value, null, 2);
  } catch {
    return replaceCircularDependencies(value);
  }
}

export function replaceCircularDependencies(content: unknown): string {
  const seen = new Set<unknown>();
  const once = (_key: string, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return '[Circular]';
    seen.add(value);
    return value;
  };
  return JSON.stringify(content, once, 2);
}
