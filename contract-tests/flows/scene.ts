import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one check opens; all of it is gone when the check ends, however it ends. */
export interface Scene {
  /** A new folder that every user may enter: as root, PostgreSQL runs as another one. */
  folder(): Promise<string>;
  onEnd(undo: () => Promise<unknown>): void;
  end(): Promise<void>;
}

export function createScene(): Scene {
  const undos: (() => Promise<unknown>)[] = [];
  return {
    async folder() {
      const path = await mkdtemp(join(tmpdir(), 'flows-'));
      await chmod(path, 0o755);
      undos.push(() => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
      return path;
    },
    onEnd: (undo) => undos.push(undo),
    async end() {
      for (const undo of undos.splice(0).reverse()) await undo().catch((error) => console.error(error));
    },
  };
}
