/** Stands for anything. */
export const ANY = '…';

/** What nobody can know beforehand: a time, an id, a Request-Id. */
const KINDS = [
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/,
  /(?<!\d)\d{15,19}(?!\d)/,
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
];
const UNKNOWN = new RegExp(KINDS.map(({ source }) => `(${source})`).join('|'), 'g');

/** Whether the text is like the shown one: equal but for `…` and, unless `exact`, what is of the same kind. */
export function isLike(shown: string, actual: string, exact: boolean): boolean {
  const parts = shown.split(ANY).map((part) => (exact ? escape(part) : withKinds(part)));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`).test(actual);
}

function withKinds(text: string): string {
  let pattern = '';
  let from = 0;
  for (const match of text.matchAll(UNKNOWN)) {
    const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
    pattern += escape(text.slice(from, match.index)) + (kind?.source ?? '');
    from = match.index + match[0].length;
  }
  return pattern + escape(text.slice(from));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
