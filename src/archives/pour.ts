import type { Writable } from 'node:stream';
import { CHUNK_CAPACITY, type ChunkSource } from './local_chunks.ts';

/** One buffer being written, one waiting in the socket, one being read. */
const BUFFERS = 3;

/** See Archive.pour. A buffer is used again only after its write was called back: until then the socket reads it. */
export async function pourChunks(
  source: ChunkSource,
  sink: Writable,
  onBytes?: (count: number) => void,
): Promise<number> {
  if (sink.destroyed || sink.writableEnded) {
    await source.close();
    return 0;
  }
  const free: Buffer[] = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(CHUNK_CAPACITY));
  let poured = 0;
  let unwritten = 0;
  let wake = () => {};
  let closed = false;
  // A broken connection is how a customer pauses: it ends the pouring, it is no failure.
  const onClose = () => {
    closed = true;
    wake();
    // A read that waits for remote storage would otherwise hold on to its connection.
    source.close().catch(() => {});
  };
  sink.once('close', onClose).once('error', onClose);

  function write(chunk: Buffer, buffer: Buffer): void {
    unwritten++;
    sink.write(chunk, (error) => {
      unwritten--;
      free.push(buffer);
      if (!error) {
        poured += chunk.length;
        onBytes?.(chunk.length);
      }
      wake();
    });
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!closed && !condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  function fetch(buffer: Buffer | undefined) {
    const read = buffer && source.next(buffer).then((chunk) => ({ chunk, buffer }));
    // A failure is met when this read is awaited; until then it must not end the process.
    read?.catch(() => {});
    return read;
  }

  try {
    let ahead = fetch(free.pop());
    while (ahead && !closed) {
      const { chunk, buffer } = await ahead;
      if (chunk === undefined || closed) break;
      write(chunk, buffer);
      await until(() => free.length > 0);
      ahead = closed ? undefined : fetch(free.pop());
    }
    await until(() => unwritten === 0);
  } catch (error) {
    if (closed) return poured;
    throw error;
  } finally {
    sink.off('close', onClose).off('error', onClose);
    await source.close();
  }
  return poured;
}
