import { createHash, type Hash } from 'node:crypto';
import { EMPTY_SHA256, type Manifest } from '../manifests/manifest.ts';
import { ahead } from './ahead.ts';
import { buildManifest, createPackStore, type NewPack, type Part } from './pack_store.ts';
import type { Reuse } from './reuse.ts';
import { type Cut, cut, MAX_PACK, SLICE } from './slice.ts';

export interface PackInput {
  path: string;
  size: number;
  /** Known where the files were hashed before, to be compared with a previous version. */
  sha256?: string;
}

export interface PackOptions<F extends PackInput> {
  /** Needs the sha256 of every file. */
  reuse?: Reuse | undefined;
  /** The bytes [start, start + length) of a file; called a few stretches ahead. */
  read(file: F, start: number, length: number): Promise<Buffer>;
  /** The error for a file whose bytes are not those that were hashed before. */
  changed(file: F): Error;
}

interface Job<F> {
  file: F;
  cuts: Cut[];
  /** Where the stretches lie, by their start. */
  places: Map<number, Part[]>;
  /** The whole file is read, so its hash is computed, or checked. */
  whole: boolean;
}

/** Stretches read before they are needed: bounds memory to a few packs. */
const READ_AHEAD = 3;

/** Bytes that will be read: files of the new version that have no place yet, each content that is known equal once. */
export function bytesToPack(files: readonly PackInput[], reuse?: Reuse): number {
  return contents(files).reduce((sum, file) => sum + missing(file, reuse), 0);
}

/**
 * Packs files (in the order of the manifest), reading each once. Yields every new pack as soon as it is full, with its
 * bytes; returns the manifest. The same input gives the same packs, which is what makes a publication resumable.
 */
export async function* packFiles<F extends PackInput>(
  files: readonly F[],
  { reuse, read, changed }: PackOptions<F>,
): AsyncGenerator<NewPack, Manifest> {
  const todo = contents(files);
  const total = todo.reduce((sum, file) => sum + missing(file, reuse), 0);
  const capacity = total <= MAX_PACK ? MAX_PACK : SLICE;
  const store = createPackStore(capacity);
  // All kept packs are known to the store before any new pack could have the same bytes cut differently.
  for (const pack of reuse?.packs ?? []) store.kept(pack, 0, 0);
  const jobs = todo.map((file) => jobFor(file, reuse, capacity, store.kept));
  const done = new Map<string, Job<F>>([]);
  const sha256Of = new Map<F, string>();

  let hash: Hash | undefined;
  const reads = jobs.flatMap((job) => job.cuts.map((piece) => ({ job, piece })));
  for await (const { input, result: bytes } of ahead(reads, READ_AHEAD, ({ job, piece }) =>
    read(job.file, piece.start, piece.length),
  )) {
    const { job, piece } = input;
    const isLast = piece === job.cuts[job.cuts.length - 1];
    if (job.whole) {
      hash ??= createHash('sha256');
      hash.update(bytes);
    }
    const parts: Part[] = [];
    if (piece.own) {
      const { parts: own, packs } = store.own(bytes);
      parts.push(...own);
      yield* packs;
    }
    job.places.set(piece.start, parts);
    if (isLast && job.whole && hash) {
      const sha256 = hash.digest('hex');
      hash = undefined;
      if (job.file.sha256 !== undefined && job.file.sha256 !== sha256) throw changed(job.file);
      sha256Of.set(job.file, sha256);
      const twin = done.get(sha256);
      if (twin) {
        job.places = twin.places;
        continue;
      }
      done.set(sha256, job);
    }
    if (!piece.own) yield* store.add(bytes, parts);
  }
  yield* store.end();
  return finish(files, jobs, sha256Of);
}

function finish<F extends PackInput>(files: readonly F[], jobs: Job<F>[], sha256Of: Map<F, string>): Manifest {
  const bySha = new Map<string, Job<F>>();
  const byFile = new Map<F, Job<F>>();
  for (const job of jobs) {
    byFile.set(job.file, job);
    const sha256 = job.file.sha256 ?? sha256Of.get(job.file);
    if (sha256 !== undefined && !bySha.has(sha256)) bySha.set(sha256, job);
  }
  return buildManifest(
    files.map((file) => {
      const { path, size } = file;
      if (size === 0) return { path, size, sha256: EMPTY_SHA256, parts: [] };
      const sha256 = file.sha256 ?? sha256Of.get(file);
      const job = sha256 === undefined ? undefined : (bySha.get(sha256) ?? byFile.get(file));
      if (sha256 === undefined || !job) throw new Error(`${path} was not packed`);
      const parts = [...job.places].sort(([a], [b]) => a - b).flatMap(([, placed]) => placed);
      return { path, size, sha256, parts };
    }),
  );
}

/** One file for each content that is known; where it is not, each file. */
function contents<F extends PackInput>(files: readonly F[]): F[] {
  const seen = new Set<string>();
  return files.filter((file) => {
    if (file.size === 0) return false;
    if (file.sha256 === undefined) return true;
    return !seen.has(file.sha256) && seen.add(file.sha256);
  });
}

function missing(file: PackInput, reuse: Reuse | undefined): number {
  const parts = file.sha256 === undefined ? undefined : reuse?.files.get(file.sha256);
  if (!parts) return file.size;
  return parts.reduce((sum, part) => sum + (part.kept ? 0 : part.length), 0);
}

function jobFor<F extends PackInput>(
  file: F,
  reuse: Reuse | undefined,
  capacity: number,
  kept: ReturnType<typeof createPackStore>['kept'],
): Job<F> {
  const parts = file.sha256 === undefined ? undefined : reuse?.files.get(file.sha256);
  const places = new Map<number, Part[]>();
  if (!parts) return { file, cuts: cut(0, file.size, true, capacity), places, whole: true };
  const cuts: Cut[] = [];
  for (const part of parts) {
    if (part.kept) places.set(part.start, [kept(part.kept.pack, part.kept.offset, part.length)]);
    else cuts.push(...cut(part.start, part.length, part.start + part.length === file.size, capacity));
  }
  return { file, cuts, places, whole: false };
}
