import { readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
/** Several times what a run has at once. */
const BYTES_NEEDED = 4 * 1024 ** 3;

/**
 * Where the files of tests go, hundreds of databases among them: memory where there is plenty and programs may be run from
 * it, since a disk makes a run a fifth longer. TMPDIR wins.
 */
export function temporaryFolder(): string {
  return process.env['TMPDIR'] === undefined && isRoomy() ? MEMORY : tmpdir();
}

function isRoomy(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === MEMORY);
    return bavail * bsize > BYTES_NEEDED && mount !== undefined && !/\bnoexec\b/.test(mount);
  } catch {
    return false;
  }
}
