import { PAGE_STYLE } from './page_style.ts';

/** Text for HTML, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Somebody else's words, kept from turning the text around them when they run from right to left. */
export function words(text: string): string {
  return `<bdi>${escapeHtml(text)}</bdi>`;
}

/** A path: left to right as a whole, so that its end, the extension, stands where people look for it. */
export function pathWords(path: string): string {
  return `<bdi dir="ltr">${escapeHtml(path)}</bdi>`;
}

/** A whole document. @param title text; @param head and @param content HTML */
export function htmlPage(title: string, content: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
${head}</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}
