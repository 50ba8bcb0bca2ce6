/** How a language writes the values of JSON. */
export interface Notation {
  readonly null: string;
  readonly true: string;
  readonly false: string;
  text(value: string): string;
  /** With the sign between key and value. */
  key(name: string): string;
  readonly object: Brackets;
  readonly list: Brackets;
  readonly emptyObject: string;
  readonly indent: string;
  /** Whether the last of several lines of entries ends in a comma. */
  readonly trailingComma: boolean;
}

interface Brackets {
  readonly open: string;
  readonly close: string;
  /** Between bracket and entries on one line. */
  readonly pad: string;
}

/** Longer ones get a line for each entry. */
const WIDTH = 72;

/** The value as a literal; its lines behind the first are indented for `depth`. */
export function literal(value: unknown, notation: Notation, depth = 0): string {
  if (value === null) return notation.null;
  if (typeof value === 'boolean') return value ? notation.true : notation.false;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return notation.text(value);
  return container(value as object, notation, depth);
}

function container(value: object, notation: Notation, depth: number): string {
  const isList = Array.isArray(value);
  const { open, close, pad } = isList ? notation.list : notation.object;
  const entries = Object.entries(value).map(
    ([name, entry]) => (isList ? '' : notation.key(name)) + literal(entry, notation, depth + 1),
  );
  if (entries.length === 0) return isList ? open + close : notation.emptyObject;
  const line = `${open}${pad}${entries.join(', ')}${pad}${close}`;
  const nests = !isList && Object.values(value).some((entry) => typeof entry === 'object');
  if (!nests && !line.includes('\n') && line.length + depth * notation.indent.length <= WIDTH) return line;
  const inner = notation.indent.repeat(depth + 1);
  const lines = entries.map((entry) => inner + entry).join(',\n');
  return `${open}\n${lines}${notation.trailingComma ? ',' : ''}\n${notation.indent.repeat(depth)}${close}`;
}
