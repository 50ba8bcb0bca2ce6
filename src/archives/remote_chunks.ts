import type { Readable } from 'node:stream';
import { packKey } from '../blobs/keys.ts';
import { BlobMismatch, BlobMissing, type BlobStore } from '../blobs/store.ts';
import type { ArchiveIndex } from './layout.ts';
import type { ChunkSource } from './local_chunks.ts';
import { groupRuns, type Run } from './runs.ts';

/** A request costs tens of milliseconds, hence whole packs and wide gaps. */
const LIMITS = { maxSpan: 16 * 1024 * 1024, maxMadeBytes: 2 * 1024 * 1024, maxGap: 512 * 1024 };
const ATTEMPTS_WITHOUT_PROGRESS = 3;

interface State {
  closed: boolean;
  opened: Set<Readable>;
}

/** Streams packs by ranged reads, the next one requested while the current one flows. */
export function createRemoteSource(
  index: ArchiveIndex,
  store: BlobStore,
  orgId: string,
  start: number,
  end: number,
): ChunkSource {
  const state: State = { closed: false, opened: new Set() };
  const chunks = runChunks(store, orgId, groupRuns(index.plan(start, end), LIMITS), state);
  return {
    next: async () => (await chunks.next()).value ?? undefined,
    async close() {
      if (state.closed) return;
      state.closed = true;
      for (const stream of state.opened) stream.destroy();
      // Not awaited: return() queues behind a next() that the destroyed stream is about to fail.
      chunks.return(undefined).catch(() => {});
    },
  };
}

async function* runChunks(
  store: BlobStore,
  orgId: string,
  runs: Iterable<Run>,
  state: State,
): AsyncGenerator<Buffer, undefined> {
  const begin = (run: Run) => {
    if (run.pack === undefined) return undefined;
    const first = openSlice(store, packKey(orgId, run.pack), run.start, run.end, state);
    // A failure is met when this run is reached; until then nobody waits for it.
    first.catch(() => {});
    return { run, first };
  };
  let previous: { run: Run; request: ReturnType<typeof begin> } | undefined;
  for (const run of runs) {
    const current = { run, request: begin(run) };
    if (previous) yield* oneRun(store, orgId, previous.run, previous.request?.first, state);
    previous = current;
  }
  if (previous) yield* oneRun(store, orgId, previous.run, previous.request?.first, state);
  return undefined;
}

async function openSlice(store: BlobStore, key: string, start: number, end: number, state: State) {
  const stream = await store.read(key, { start, end });
  state.opened.add(stream);
  // An error also ends the iteration that reads it; without a listener it would end the process before that begins.
  stream.on('error', () => {}).once('close', () => state.opened.delete(stream));
  if (state.closed) stream.destroy();
  return stream;
}

async function* oneRun(
  store: BlobStore,
  orgId: string,
  run: Run,
  first: Promise<Readable> | undefined,
  state: State,
): AsyncGenerator<Buffer> {
  let position = run.start;
  let held: Buffer = Buffer.alloc(0);
  const stream = first && run.pack ? resuming(store, packKey(orgId, run.pack), run, first, state) : undefined;
  try {
    // Before the made bytes go out: where the storage fails at once, an error can still be the answer.
    if (stream) held = (await stream.next()).value ?? held;
    for (const part of run.parts) {
      if (part.kind === 'bytes') {
        yield part.bytes;
        continue;
      }
      while (position < part.end) {
        if (held.length === 0) {
          const step = await stream?.next();
          if (!step || step.done) throw new BlobMismatch(packKey(orgId, part.pack), 'size');
          held = step.value;
        }
        const gap = Math.min(held.length, Math.max(0, part.start - position));
        const used = Math.min(held.length - gap, part.end - Math.max(position, part.start));
        if (used > 0) yield held.subarray(gap, gap + used);
        held = held.subarray(gap + Math.max(0, used));
        position += gap + Math.max(0, used);
      }
    }
  } finally {
    await stream?.return(undefined);
  }
}

/** A storage server may close a connection that a slow customer kept waiting: go on from where it broke. */
async function* resuming(
  store: BlobStore,
  key: string,
  run: Run,
  first: Promise<Readable>,
  state: State,
): AsyncGenerator<Buffer, undefined> {
  let at = run.start;
  let failures = 0;
  let pending: Promise<Readable> | undefined = first;
  while (at < run.end) {
    try {
      const stream: Readable = await (pending ?? openSlice(store, key, at, run.end, state));
      pending = undefined;
      for await (const chunk of stream) {
        at += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (at < run.end) throw new BlobMismatch(key, 'size');
    } catch (error) {
      pending = undefined;
      if (state.closed || error instanceof BlobMissing || error instanceof BlobMismatch) throw error;
      if (++failures >= ATTEMPTS_WITHOUT_PROGRESS) throw error;
    }
  }
  return undefined;
}
