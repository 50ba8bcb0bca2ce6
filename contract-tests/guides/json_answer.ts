import { isLosslessNumber, parse } from 'lossless-json';
import { ANY, isLike } from './like.ts';

export function jsonDifferences(shown: string, output: string, exact: boolean): string[] {
  let actual: unknown;
  try {
    actual = parse(output);
  } catch {
    return ['it printed no JSON'];
  }
  return compare(parse(quoteDots(shown)), actual, exact, '$');
}

/** `{"a": 1, …}` → `{"a": 1, "…": "…"}`, `[1, …]` → `[1, "…"]`, `"a": …` → `"a": "…"`. */
function quoteDots(shown: string): string {
  const containers: string[] = [];
  let before = '';
  return shown.replace(/"(?:[^"\\]|\\.)*"|[[\]{}:,…]/g, (token) => {
    if (token === '{' || token === '[') containers.push(token);
    if (token === '}' || token === ']') containers.pop();
    const isMember = containers.at(-1) === '{' && before !== ':';
    before = token;
    if (token !== ANY) return token;
    return isMember ? `"${ANY}": "${ANY}"` : `"${ANY}"`;
  });
}

function compare(shown: unknown, actual: unknown, exact: boolean, at: string): string[] {
  if (shown === ANY) return [];
  if (Array.isArray(shown)) return compareArrays(shown, actual, exact, at);
  if (isObject(shown)) return compareObjects(shown, actual, exact, at);
  const alike = kindOf(shown) === kindOf(actual) && isLike(String(shown), String(actual), exact);
  return alike ? [] : [`${at}: expected ${String(shown)}`];
}

function compareArrays(shown: unknown[], actual: unknown, exact: boolean, at: string): string[] {
  if (!Array.isArray(actual)) return [`${at}: expected an array`];
  const isOpen = shown.at(-1) === ANY;
  const elements = isOpen ? shown.slice(0, -1) : shown;
  if (isOpen ? actual.length < elements.length : actual.length !== elements.length) {
    return [`${at}: expected ${elements.length} elements${isOpen ? ' at least' : ''}`];
  }
  return elements.flatMap((element, index) => compare(element, actual[index], exact, `${at}[${index}]`));
}

function compareObjects(shown: Record<string, unknown>, actual: unknown, exact: boolean, at: string): string[] {
  if (!isObject(actual)) return [`${at}: expected an object`];
  const surplus = ANY in shown ? [] : Object.keys(actual).filter((key) => !(key in shown));
  return [
    ...surplus.map((key) => `${at}.${key}: not expected`),
    ...Object.entries(shown).flatMap(([key, value]) => {
      if (key === ANY) return [];
      return key in actual ? compare(value, actual[key], exact, `${at}.${key}`) : [`${at}.${key}: is missing`];
    }),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : isLosslessNumber(value) ? 'number' : typeof value;
}
