import { formatFiles, formatSize } from './page_figures.ts';
import { escapeHtml, htmlPage, pathWords, words } from './page_html.ts';
import type { Grant } from './queries.ts';
import { archiveName } from './rules.ts';

/** So many files are named on the page; the rest is counted. */
export const LISTED_FILES = 300;

export interface ListedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

type Shown = Pick<
  Grant,
  | 'product_name'
  | 'product_id'
  | 'organisation_name'
  | 'version'
  | 'version_size'
  | 'archive_size'
  | 'file_count'
  | 'expires_at'
>;

// Hidden until the script finds that this browser can write folders. Its parts are the script's (page_script/view.ts).
const FOLDER = `<section id="folder" aria-labelledby="folder-title" hidden>
<h2 id="folder-title">Or save straight into a folder</h2>
<p class="soft">No unpacking: each file is checked as it is saved, and you can pause and go on later.</p>
<p id="folder-status" role="status"></p>
<div id="folder-running" hidden>
<progress id="folder-progress" max="1" value="0" aria-label="Progress"></progress>
<p id="folder-figures" class="figures"></p>
<p id="folder-current" class="soft note" dir="ltr"></p>
</div>
<div class="choices"><button type="button" id="folder-first">Choose a folder…</button>
<button type="button" id="folder-second" class="quiet" hidden></button></div>
</section>`;

/**
 * What a minted link shows in a browser: what it is, how large, which files, and a button for the archive. Addresses
 * are relative, so that they hold behind a proxy that adds a path prefix.
 * @param files the first of the version's files
 */
export function renderDownloadPage(grant: Shown, token: string, files: readonly ListedFile[]): string {
  const archive = `download/archive?token=${encodeURIComponent(token)}`;
  return htmlPage(
    `${grant.product_name} ${grant.version}`,
    `<h1>${words(grant.product_name)}</h1>
<p class="soft">from ${words(grant.organisation_name)}</p>
<dl>
<dt>Version</dt><dd>${words(grant.version)}</dd>
<dt>Size</dt><dd>${formatSize(Number(grant.version_size))}, ${formatFiles(grant.file_count)}</dd>
<dt>Saved as</dt><dd>${escapeHtml(archiveName(grant.product_id, grant.version))}</dd>
<dt>Link works until</dt><dd>${time(grant.expires_at)}</dd>
</dl>
<a class="button" href="${escapeHtml(archive)}">Download ZIP (${formatSize(Number(grant.archive_size))})</a>
<p class="soft note">If the download is cut off, resume it in your browser: it goes on where it stopped.</p>
${FOLDER}
${fileList(files, grant.file_count)}`,
    '<script type="module" src="download/page.js"></script>\n',
  );
}

function fileList(files: readonly ListedFile[], count: number): string {
  if (files.length === 0) return '';
  const rows = files.map(({ path, size }) => `<li>${pathWords(path)}<span>${formatSize(size)}</span></li>`);
  const rest = count - files.length;
  const more = rest > 0 ? `\n<p class="soft note">and ${formatFiles(rest)} more</p>` : '';
  return `<details>
<summary>What is in it</summary>
<ul class="files" tabindex="0" aria-label="Files">
${rows.join('\n')}
</ul>${more}
</details>`;
}

const MINUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

function time(date: Date): string {
  return `<time datetime="${date.toISOString()}">${MINUTE.format(date)} UTC</time>`;
}
