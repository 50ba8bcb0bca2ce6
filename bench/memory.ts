import { setTimeout as pause } from 'node:timers/promises';
import { residentMemory } from './program.ts';

const MIB = 1024 ** 2;
const MOST_GROWTH = 64 * MIB;

/** Looks at the resident memory ten times a second; the answer ends it with the most that was seen, in bytes. */
export function watchMemory(pid: number): () => Promise<number> {
  let most = 0;
  let watching = true;
  const look = async () => {
    for (; watching; await pause(100)) most = Math.max(most, await residentMemory(pid));
  };
  const looking = look();
  // Reported by whoever asks for the figure; a benchmark that failed before that has its own error to tell.
  looking.catch(() => undefined);
  return async () => {
    watching = false;
    await looking;
    return most;
  };
}

export function requireLittle(what: string, growth: number): void {
  console.log(`memory for ${what}: ${(growth / MIB).toFixed(0)} MiB more (target below 64)`);
  if (growth >= MOST_GROWTH) console.log(`memory for ${what}: target not met`);
}
