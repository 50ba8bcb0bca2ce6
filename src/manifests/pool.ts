import { Piscina } from 'piscina';
import { threadUrl } from '../server/thread_url.ts';
import { DEFAULT_LIMITS, type ManifestLimits, type Refused } from './check.ts';
import { MAX_BODY_BYTES } from './manifest.ts';
import {
  type ContentBody,
  type ContentResult,
  parseArtifactBody,
  parsePublishBody,
  type PublishBody,
  type PublishResult,
} from './publish_body.ts';
import { ownBuffer, type ThreadAnswer, type ThreadTask, unpackAnswer } from './thread_message.ts';

/** Below this, parsing takes less than the messages to a thread. */
const INLINE_BYTES = 64 * 1024;
/** Bodies that are held in memory at once, of up to 64 MiB each and as much again for the manifest made of it. */
const SLOTS = 8;

/** As many large bodies are held as there are slots: answer 503 `unavailable`. */
export class ManifestPoolBusy extends Error {}

export interface ManifestPool {
  /**
   * Runs `work`, which reads, parses and keeps a body that was announced as so many bytes (undefined: unknown), or
   * rejects with ManifestPoolBusy, before anything of it is read. Small bodies always find room.
   */
  hold<T>(announced: number | undefined, work: () => Promise<T>): Promise<T>;
  /** The bytes of a request body. A large buffer is moved to the thread: the caller must not use it afterwards. */
  parse(bytes: Buffer): Promise<PublishResult>;
  /** The same for the artifact of a build. */
  parseArtifact(bytes: Buffer): Promise<ContentResult>;
  close(): Promise<void>;
}

/** Parses the bodies of manifests and artifacts, large ones in a thread that starts when needed and ends when idle. */
export function createManifestPool(limits: ManifestLimits = DEFAULT_LIMITS): ManifestPool {
  let threads: Piscina | undefined;
  let held = 0;

  async function parseAs<T extends ContentBody>(
    kind: ThreadTask['kind'],
    bytes: Buffer,
    parse: (bytes: Buffer, limits: ManifestLimits) => T | Refused,
  ): Promise<T | Refused> {
    if (bytes.length > MAX_BODY_BYTES) return { ok: false, errors: { manifest: ['invalid_format'] } };
    if (bytes.length < INLINE_BYTES) return parse(bytes, limits);
    threads ??= startThreads();
    const owned = ownBuffer(bytes);
    try {
      const task: ThreadTask = { kind, bytes: owned, limits };
      const answer: ThreadAnswer<T> = await threads.run(task, { transferList: [owned.buffer as ArrayBuffer] });
      return unpackAnswer(answer);
    } catch (error) {
      if (isOutOfMemory(error)) return { ok: false, errors: { manifest: ['invalid_format'] } };
      throw error;
    }
  }

  return {
    async hold(announced = Number.POSITIVE_INFINITY, work) {
      if (announced < INLINE_BYTES) return work();
      if (held === SLOTS) throw new ManifestPoolBusy('too many manifests are being received');
      held += 1;
      try {
        return await work();
      } finally {
        held -= 1;
      }
    },
    parse: (bytes) => parseAs<PublishBody>('publish', bytes, parsePublishBody),
    parseArtifact: (bytes) => parseAs<ContentBody>('artifact', bytes, parseArtifactBody),
    async close() {
      await threads?.destroy();
      threads = undefined;
    },
  };
}

function startThreads(): Piscina {
  const { url, execArgv } = threadUrl('manifest', import.meta.url);
  return new Piscina({
    filename: url.href,
    execArgv,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 10_000,
    // A guess on the large side: a legitimate manifest of 63 MiB took the whole process to 0.9 GB.
    resourceLimits: { maxOldGenerationSizeMb: 2_048 },
  });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
