/** Where a place of the pages is, as the reference names it: `#` and this. */
export const operationAnchor = (tag: string, operationId: string): string => `tag/${tag}/${operationId}`;

export const headingAnchor = (slug: string): string => `guide/${slug}`;

/** Slugs of headings in the order of the text, as GitHub and the reference make them: the second `errors` is `errors-1`. */
export function createSlugger(): (heading: string) => string {
  const seen = new Map<string, number>();
  return (heading) => {
    const plain = slugOf(heading);
    let slug = plain;
    while (seen.has(slug)) {
      const count = (seen.get(plain) ?? 0) + 1;
      seen.set(plain, count);
      slug = `${plain}-${count}`;
    }
    seen.set(slug, 0);
    return slug;
  };
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
