/** A piece of text: as it stands, out of the environment, or of a variable that the sample has set. */
export type Part = string | { readonly env: string } | { readonly variable: 'timestamp' | 'signature' };
export type Text = readonly Part[];

/** Strings beside each other become one. */
export function merged(parts: Text): Text {
  return parts.reduce<Part[]>((done, part) => {
    const last = done.at(-1);
    if (typeof last === 'string' && typeof part === 'string') return [...done.slice(0, -1), last + part];
    return [...done, part];
  }, []);
}
