import { lstat, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_FILES } from '../manifests/manifest.ts';
import { collisions, compareBytes, pathProblem } from '../manifests/paths.ts';
import { PublishError } from './publish_error.ts';

export interface LocalFile {
  /** As it will stand in the manifest. */
  path: string;
  /** Where it is on this machine. */
  source: string;
  size: number;
  mtimeMs: number;
}

export interface Folder {
  /** Sorted by the bytes of path. */
  files: LocalFile[];
  bytes: number;
  /** Files that systems leave behind (.DS_Store and the like), not published. */
  junk: number;
  /** A manifest has no folders of its own, so these are not published. */
  emptyFolders: number;
}

const JUNK = new Set(['.ds_store', 'thumbs.db', 'desktop.ini']);
const MAX_LISTED = 20;

/** Lists a folder; rejects with a PublishError that names every file that cannot be published (the first 20). */
export async function scanFolder(folder: string, signal?: AbortSignal): Promise<Folder> {
  // The folder that is named may be a link; what lies in it may not.
  const root = await stat(folder).catch(() => undefined);
  if (!root?.isDirectory()) throw new PublishError(`${folder} is not a folder.`);
  const found: Folder = { files: [], bytes: 0, junk: 0, emptyFolders: 0 };
  const problems: string[] = [];
  await walk(folder, '', found, problems, signal);
  found.files.sort((a, b) => compareBytes(a.path, b.path));

  const paths = found.files.map((file) => file.path);
  for (const { index, with: other, kind } of collisions(paths, MAX_LISTED)) {
    const why = kind === 'same' ? 'are one name on systems that ignore case' : 'are a file and a folder of one name';
    problems.push(`${paths[other]} and ${paths[index]} ${why}`);
  }
  if (found.files.length > MAX_FILES) problems.push(`there are more than ${MAX_FILES} files`);
  if (problems.length > 0) throw refused(folder, problems);
  if (found.files.length === 0) throw new PublishError(`${folder} holds no files, so there is nothing to publish.`);
  return found;
}

async function walk(folder: string, prefix: string, found: Folder, problems: string[], signal?: AbortSignal) {
  signal?.throwIfAborted();
  let entries = 0;
  for await (const entry of await opendir(folder)) {
    entries++;
    const source = join(folder, entry.name);
    const path = prefix + entry.name.normalize('NFC');
    if (entry.isDirectory()) {
      await walk(source, `${path}/`, found, problems, signal);
      continue;
    }
    if (JUNK.has(entry.name.toLowerCase()) && entry.isFile()) {
      found.junk++;
      continue;
    }
    const problem = entry.isFile() ? pathProblem(path) : notAFile(entry);
    if (problem) {
      problems.push(`${JSON.stringify(path)} ${problem}`);
      continue;
    }
    const info = await lstat(source).catch(() => undefined);
    if (!info) {
      problems.push(`${JSON.stringify(path)} cannot be read: it vanished, or its name is not UTF-8`);
      continue;
    }
    found.files.push({ path, source, size: info.size, mtimeMs: info.mtimeMs });
    found.bytes += info.size;
  }
  if (entries === 0 && prefix !== '') found.emptyFolders++;
}

function notAFile(entry: { isSymbolicLink(): boolean }): string {
  return entry.isSymbolicLink()
    ? 'is a symbolic link: put the file itself there, or take it out'
    : 'is neither a file nor a folder (a socket, pipe or device)';
}

function refused(folder: string, problems: string[]): PublishError {
  const listed = problems.slice(0, MAX_LISTED).map((problem) => `  ${problem}`);
  if (problems.length > MAX_LISTED) listed.push(`  and ${problems.length - MAX_LISTED} more`);
  return new PublishError(`${folder} cannot be published:\n${listed.join('\n')}`);
}
