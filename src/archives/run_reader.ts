import { packKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Run } from './runs.ts';

const AHEAD = 2;
const REMEMBERED = 8;

/**
 * The bytes [start, end) of each run, in order, reading ahead. The last few reads are remembered: a slice that is
 * referenced again and again (zeros of a sparse file) is fetched once, not once per reference.
 */
export async function* readRuns(
  runs: Iterable<Run>,
  orgId: string,
  blobs: BlobStore,
): AsyncGenerator<{ run: Run; bytes: Buffer }> {
  const recent = new Map<string, Promise<Buffer>>();
  const queue: { run: Run; pending: Promise<Buffer> }[] = [];

  function fetch(run: Run): Promise<Buffer> {
    const { pack = '', start, end } = run;
    const name = `${pack} ${start} ${end}`;
    const pending = recent.get(name) ?? blobs.readBuffer(packKey(orgId, pack), { start, end });
    // Whoever awaits it meets the failure; a run never reached must not end the process.
    pending.catch(() => {});
    recent.delete(name);
    recent.set(name, pending);
    for (const oldest of recent.keys()) {
      if (recent.size <= REMEMBERED) break;
      recent.delete(oldest);
    }
    return pending;
  }

  for (const run of runs) {
    queue.push({ run, pending: fetch(run) });
    if (queue.length > AHEAD) yield* take(queue);
  }
  while (queue.length > 0) yield* take(queue);
}

async function* take(queue: { run: Run; pending: Promise<Buffer> }[]) {
  const head = queue.shift();
  if (head) yield { run: head.run, bytes: await head.pending };
}
