import type { Grant } from './queries.ts';
import { archiveName } from './rules.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people: three digits, decimal units. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${UNITS[unit]}`;
}

/** Text for HTML, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export const PAGE_STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center;background:#f4f4f6;color:#1b1b22}
main{box-sizing:border-box;width:min(34rem,100vw - 2rem);padding:2.5rem;margin:1rem;background:#fff;border-radius:1rem;box-shadow:0 1px 3px #0002,0 8px 32px #0001}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}
p{margin:.5rem 0}.by,dt{color:#5c5c6b}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1.5rem;margin:1.5rem 0}dd{margin:0;overflow-wrap:anywhere}
a.button{display:block;padding:.8rem 1rem;border-radius:.6rem;background:#3a31c9;color:#fff;font-weight:600;text-align:center;text-decoration:none}
a.button:hover{background:#2d25a6}a:focus-visible{outline:3px solid #8b85ff;outline-offset:2px}
@media(prefers-color-scheme:dark){body{background:#121217;color:#ececf1}main{background:#1d1d25;box-shadow:none}.by,dt{color:#a6a6b5}a.button{background:#6a62f0;color:#fff}a.button:hover{background:#7d76f5}}`;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${PAGE_STYLE}</style></head>
<body><main>${content}</main></body></html>
`;
}

/** What a minted link shows in a browser: what it is, how large, and a button for the archive. */
export function renderDownloadPage(grant: Grant, token: string): string {
  const href = `/download/archive?token=${encodeURIComponent(token)}`;
  return page(
    `${grant.product_name} ${grant.version}`,
    `<h1>${escapeHtml(grant.product_name)}</h1>
<p class="by">from ${escapeHtml(grant.organisation_name)}</p>
<dl><dt>Version</dt><dd>${escapeHtml(grant.version)}</dd>
<dt>Files</dt><dd>${grant.file_count.toLocaleString('en')}</dd>
<dt>Size</dt><dd>${formatSize(Number(grant.version_size))}</dd>
<dt>Saved as</dt><dd>${escapeHtml(archiveName(grant.product_id, grant.version))}</dd>
<dt>Link ends</dt><dd><time datetime="${grant.expires_at.toISOString()}">${grant.expires_at.toUTCString()}</time></dd></dl>
<a class="button" href="${escapeHtml(href)}">Download ZIP</a>
<p class="by">If the download is cut off, start it again: it goes on where it stopped.</p>`,
  );
}
