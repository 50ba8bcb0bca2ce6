import type { Dirent } from 'node:fs';
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
/** Entries that are looked at for each file that may be there: a build may make folders and links without end. */
const ENTRIES_A_FILE = 5;

/** What was seen of a folder so far. */
interface Scan extends Folder {
  readonly mostFiles: number;
  entries: number;
  /** The first ones. */
  listed: string[];
  problems: number;
  /** There is so much that the rest was not looked at. */
  full?: string;
}

/** Lists a folder; rejects with a PublishError that names every file that cannot be published (the first 20). */
export async function scanFolder(folder: string, signal?: AbortSignal, mostFiles = MAX_FILES): Promise<Folder> {
  // The folder that is named may be a link; what lies in it may not.
  const root = await stat(folder).catch(() => undefined);
  if (!root?.isDirectory()) throw new PublishError(`${folder} is not a folder.`);
  const empty: Folder = { files: [], bytes: 0, junk: 0, emptyFolders: 0 };
  const scan: Scan = { ...empty, mostFiles, entries: 0, listed: [], problems: 0 };
  await walk(folder, '', scan, signal);
  if (!scan.full) findCollisions(scan);
  if (scan.full || scan.problems > 0) throw refused(folder, scan);
  const { files, bytes, junk, emptyFolders } = scan;
  if (files.length === 0) throw new PublishError(`${folder} holds no files, so there is nothing to publish.`);
  return { files, bytes, junk, emptyFolders };
}

function findCollisions(scan: Scan): void {
  scan.files.sort((a, b) => compareBytes(a.path, b.path));
  const paths = scan.files.map((file) => file.path);
  for (const { index, with: other, kind } of collisions(paths, MAX_LISTED)) {
    const why = kind === 'same' ? 'are one name on systems that ignore case' : 'are a file and a folder of one name';
    refuse(scan, `${paths[other]} and ${paths[index]} ${why}`);
  }
}

function refuse(scan: Scan, problem: string): void {
  if (scan.listed.length < MAX_LISTED) scan.listed.push(problem);
  scan.problems++;
}

async function walk(folder: string, prefix: string, scan: Scan, signal?: AbortSignal): Promise<void> {
  const most = scan.mostFiles * ENTRIES_A_FILE;
  let isEmpty = true;
  for await (const entry of await opendir(folder)) {
    signal?.throwIfAborted();
    isEmpty = false;
    const source = join(folder, entry.name);
    const path = prefix + entry.name.normalize('NFC');
    if (++scan.entries > most) scan.full = `there are more than ${most} files, folders and links`;
    else if (entry.isDirectory()) await walk(source, `${path}/`, scan, signal);
    else if (JUNK.has(entry.name.toLowerCase()) && entry.isFile()) scan.junk++;
    else await addFile(scan, entry, source, path);
    if (scan.full) return;
  }
  if (isEmpty && prefix !== '') scan.emptyFolders++;
}

async function addFile(scan: Scan, entry: Dirent, source: string, path: string): Promise<void> {
  const problem = entry.isFile() ? pathProblem(path) : notAFile(entry);
  if (problem) return refuse(scan, `${JSON.stringify(path)} ${problem}`);
  const info = await lstat(source).catch(() => undefined);
  if (!info) return refuse(scan, `${JSON.stringify(path)} cannot be read: it vanished, or its name is not UTF-8`);
  if (scan.files.push({ path, source, size: info.size, mtimeMs: info.mtimeMs }) > scan.mostFiles)
    scan.full = `there are more than ${scan.mostFiles} files`;
  scan.bytes += info.size;
}

function notAFile(entry: { isSymbolicLink(): boolean }): string {
  return entry.isSymbolicLink()
    ? 'is a symbolic link: put the file itself there, or take it out'
    : 'is neither a file nor a folder (a socket, pipe or device)';
}

function refused(folder: string, { full, listed, problems }: Scan): PublishError {
  const lines = [...(full ? [full] : []), ...listed].map((problem) => `  ${problem}`);
  if (problems > listed.length) lines.push(`  and ${problems - listed.length} more`);
  return new PublishError(`${folder} cannot be published:\n${lines.join('\n')}`);
}
