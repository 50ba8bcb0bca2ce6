import { endOfText } from './depth.ts';

/**
 * The text of each element of the list `name` in an object, as it was sent: a parser that keeps every digit takes seconds
 * for 10 MiB. `json` was parsed before; of a name that is there twice the last counts, as there.
 */
export function elementsOf(json: string, name: string): string[] {
  let found: string[] = [];
  let [depth, start, key] = [0, -1, ''];
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === '"') {
      const end = endOfText(json, i);
      if (depth === 1) key = json.slice(i, end + 1);
      i = end;
    } else if (char === '[' || char === '{') {
      depth += 1;
      if (depth === 2 && JSON.parse(key) === name) [found, start] = [[], char === '[' ? i + 1 : -1];
    } else if (depth === 2 && start >= 0 && (char === ',' || char === ']')) {
      found.push(json.slice(start, i));
      start = i + 1;
    }
    if (char === ']' || char === '}') {
      depth -= 1;
      if (depth === 1) start = -1;
    }
  }
  return found.filter((text) => text.trim() !== '');
}
