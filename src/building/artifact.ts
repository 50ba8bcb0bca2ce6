import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Manifest } from '../manifests/manifest.ts';
import { pathProblem } from '../manifests/paths.ts';
import { productHash } from '../manifests/product_hash.ts';
import { packFiles } from '../publish/pack.ts';
import { changed, readStretch } from '../publish/read_file.ts';
import { type LocalFile, scanFolder } from '../publish/scan.ts';
import { createUploader, type PackShelf } from '../publish/upload.ts';
import { isWithin } from './sandbox.ts';
import type { Account } from './spawned.ts';

/** Why an artifact cannot be published: the words are for the log of its build. */
export class ArtifactProblem extends Error {}

export interface ArtifactPlace {
  /** The root of the repository. */
  readonly source: string;
  /** The artifact, relative to it. */
  readonly path: string;
  /** Whom its files must belong to. */
  readonly account: Account;
  readonly signal: AbortSignal;
}

/**
 * The files of an artifact. Nothing outside the root is looked at: neither over a link, nor, where the runner may read more
 * than the build, as another name of a file that is not the build's own.
 */
export async function findArtifact({ source, path, account, signal }: ArtifactPlace): Promise<LocalFile[]> {
  const root = await realpath(source);
  const target = await realpath(join(root, path)).catch(() => undefined);
  if (target === undefined) throw new ArtifactProblem(`There is no ${path}: the command did not make it.`);
  if (!isWithin(target, root))
    throw new ArtifactProblem(`${path} leads out of the repository over a symbolic link: it is not read.`);
  const files = await filesAt(target, path, signal);
  for (const file of files) await requireOwn(file, account);
  return files;
}

async function filesAt(target: string, path: string, signal: AbortSignal): Promise<LocalFile[]> {
  const info = await stat(target);
  if (info.isDirectory()) {
    const { files } = await scanFolder(target, signal).catch((error: unknown) => {
      throw new ArtifactProblem(String(error instanceof Error ? error.message : error).replaceAll(target, path));
    });
    return files;
  }
  const name = basename(path).normalize('NFC');
  const problem = info.isFile() ? pathProblem(name) : 'is neither a file nor a folder (a socket, pipe or device)';
  if (problem) throw new ArtifactProblem(`${path} ${problem}.`);
  return [{ path: name, source: target, size: info.size, mtimeMs: info.mtimeMs }];
}

async function requireOwn({ path, source }: LocalFile, account: Account): Promise<void> {
  if (account && (await lstat(source)).uid !== account.uid)
    throw new ArtifactProblem(`${path} does not belong to the build: it is not read.`);
}

export interface SentArtifact {
  readonly manifest: Manifest;
  readonly product_hash: string;
}

/** Packs the files and stores the packs that are missing; the manifest that it answers is still to be sent. */
export async function storeArtifact(files: readonly LocalFile[], shelf: PackShelf): Promise<SentArtifact> {
  const uploader = createUploader(shelf, () => undefined);
  const packs = packFiles(files, { read: readStretch, changed });
  let next = await packs.next();
  while (!next.done) {
    await uploader.add(next.value);
    next = await packs.next();
  }
  await uploader.finish();
  const manifest = next.value;
  return { manifest, product_hash: productHash(manifest.files) };
}
