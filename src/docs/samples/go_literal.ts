export const quoted = (value: string): string => JSON.stringify(value);

/** As gofmt writes it; a map may hold values of any type. */
export function goLiteral(value: unknown, indent = ''): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  const inner = `${indent}\t`;
  if (Array.isArray(value)) {
    const type = value.every((entry) => typeof entry === 'string') ? '[]string' : '[]any';
    if (value.every((entry) => typeof entry !== 'object'))
      return `${type}{${value.map((entry) => goLiteral(entry)).join(', ')}}`;
    return `${type}{\n${value.map((entry) => `${inner}${goLiteral(entry, inner)},\n`).join('')}${indent}}`;
  }
  const entries = Object.entries(value).map(([name, entry]) => [quoted(name), goLiteral(entry, inner)] as const);
  return entries.length === 0
    ? 'map[string]any{}'
    : ['map[string]any{', ...aligned(entries, inner), `${indent}}`].join('\n');
}

/** gofmt puts the values of neighbouring lines below each other; a value of several lines ends the neighbourhood. */
export function aligned(entries: readonly (readonly [string, string])[], indent: string): string[] {
  const groups: (readonly [string, string])[][] = [[]];
  for (const entry of entries) {
    const isLong = entry[1].includes('\n');
    if (isLong) groups.push([entry], []);
    else groups.at(-1)?.push(entry);
  }
  return groups.flatMap((group) => {
    const width = Math.max(...group.map(([key]) => key.length));
    return group.map(([key, value]) => `${indent}${`${key}:`.padEnd(width + 1)} ${value},`);
  });
}
