import { lstat, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const TOUCH_MS = 30_000;
const SWEEP_MS = 10 * 60_000;
/** Longer than a runner that lives leaves its folder alone. */
export const STALE_MS = 10 * 60_000;

/**
 * Touches the folder of a runner, and sweeps after others, until it is ended. A process id would not tell who is alive:
 * containers that share a work folder count their processes each for itself.
 */
export function keepFresh(folder: string, sweep: () => Promise<void>): { end(): void } {
  const touch = () => {
    const now = new Date();
    void utimes(folder, now, now).catch(() => undefined);
  };
  const timers = [setInterval(touch, TOUCH_MS), setInterval(() => void sweep().catch(() => undefined), SWEEP_MS)];
  for (const timer of timers) timer.unref();
  return { end: () => timers.forEach((timer) => clearInterval(timer)) };
}

/** Removes the folders of runners that have not been touched for long. */
export async function removeStale(root: string, remove: (folder: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(root)) {
    if (!/^runner-\d+-\d+$/.test(name)) continue;
    const folder = join(root, name);
    const info = await lstat(folder).catch(() => undefined);
    if (info && info.mtimeMs < Date.now() - STALE_MS) await remove(folder);
  }
}
