import { Time, Words } from '../pages/components.tsx';
import { renderDocument } from '../pages/document.tsx';
import { formatFiles, formatSize } from './page_figures.ts';
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

/**
 * What a minted link shows in a browser: what it is, how large, which files, and a button for the archive. Addresses
 * are relative, so that they hold behind a proxy that adds a path prefix.
 * @param files the first of the version's files
 */
export function renderDownloadPage(grant: Shown, token: string, files: readonly ListedFile[]): string {
  const title = `${grant.product_name} ${grant.version}`;
  const children = (
    <>
      <Facts grant={grant} />
      <a class="button full" href={`download/archive?token=${encodeURIComponent(token)}`}>
        Download ZIP ({formatSize(Number(grant.archive_size))})
      </a>
      <p class="soft note">If the download is cut off, resume it in your browser: it goes on where it stopped.</p>
      <Folder />
      <FileList files={files} count={grant.file_count} />
    </>
  );
  return renderDocument({ title, children, scripts: ['download/page.js'] });
}

function Facts({ grant }: { readonly grant: Shown }) {
  return (
    <>
      <h1>
        <Words>{grant.product_name}</Words>
      </h1>
      <p class="soft">
        from <Words>{grant.organisation_name}</Words>
      </p>
      <dl>
        <dt>Version</dt>
        <dd>
          <Words>{grant.version}</Words>
        </dd>
        <dt>Size</dt>
        <dd>
          {formatSize(Number(grant.version_size))}, {formatFiles(grant.file_count)}
        </dd>
        <dt>Saved as</dt>
        <dd>{archiveName(grant.product_id, grant.version)}</dd>
        <dt>Link works until</dt>
        <dd>
          <Time at={grant.expires_at} />
        </dd>
      </dl>
    </>
  );
}

/** Hidden until the script finds that this browser can write folders. Its parts are the script's (page_script/view.ts). */
function Folder() {
  return (
    <section id="folder" aria-labelledby="folder-title" hidden>
      <h2 id="folder-title">Or save straight into a folder</h2>
      <p class="soft">No unpacking: each file is checked as it is saved, and you can pause and go on later.</p>
      <p id="folder-status" role="status"></p>
      <div id="folder-running" hidden>
        <progress id="folder-progress" max="1" value="0" aria-label="Progress"></progress>
        <p id="folder-figures" class="figures"></p>
        <p id="folder-current" class="soft note" dir="ltr"></p>
      </div>
      <div class="choices">
        <button type="button" id="folder-first" class="lined">
          Choose a folder…
        </button>
        <button type="button" id="folder-second" class="quiet" hidden></button>
      </div>
    </section>
  );
}

function FileList({ files, count }: { readonly files: readonly ListedFile[]; readonly count: number }) {
  if (files.length === 0) return null;
  const rest = count - files.length;
  return (
    <details>
      <summary>What is in it</summary>
      <ul class="files" tabIndex={0} aria-label="Files">
        {files.map(({ path, size }) => (
          <li>
            {/* Left to right as a whole, so that its end, the extension, stands where people look for it. */}
            <bdi dir="ltr">{path}</bdi>
            <span>{formatSize(size)}</span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="soft note">and {formatFiles(rest)} more</p>}
    </details>
  );
}
