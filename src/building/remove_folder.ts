import { SYSTEM_PATH } from './git.ts';
import { type Ended, runProgram } from './spawned.ts';

/**
 * Removes a folder however deep it is: Node hands the kernel whole paths, which end at 4,096 bytes, and rm goes from folder
 * to folder. Also where a build took its own rights to a folder away, as Go does with the modules that it fetched.
 */
export async function removeFolder(path: string): Promise<void> {
  if ((await run('rm', '-rf', '--', path)).code === 0) return;
  await run('chmod', '-R', 'u+rwX', '--', path);
  const { code, stderr } = await run('rm', '-rf', '--', path);
  if (code !== 0) throw new Error(stderr.slice(0, LONGEST_WORDS).trim());
}

const LONGEST_MS = 600_000;
const LONGEST_WORDS = 500;

const run = (program: string, ...args: string[]): Promise<Ended> =>
  runProgram(program, args, { env: { PATH: SYSTEM_PATH, LC_ALL: 'C' }, timeoutMs: LONGEST_MS });
