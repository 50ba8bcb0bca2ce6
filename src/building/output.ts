import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskFolder } from './folders.ts';
import { SYSTEM_PATH } from './git.ts';
import { type Account, runProgram } from './spawned.ts';

/** Where a command prints to. */
export interface Output {
  /** What the command writes to. */
  readonly writer: FileHandle;
  /** Resolves when all was read. */
  end(): Promise<void>;
}

const LONGEST_REST_MS = 2_000;

/**
 * A pipe with a name: what Node calls a pipe is a socket, which `> /dev/stderr` cannot open. `cat` reads it, since Node
 * reads files in threads, of which it has few, and a read waits for as long as the build is silent.
 */
export async function openOutput(
  folder: TaskFolder,
  account: Account,
  onOutput: (bytes: Buffer) => void,
): Promise<Output> {
  const path = join(folder.path, 'output');
  const env = { PATH: SYSTEM_PATH };
  const made = await runProgram('mkfifo', ['-m', '600', '--', path], { account, env });
  if (made.code !== 0) throw new Error(`The pipe for the log could not be made: ${made.stderr.trim()}`);
  // One that does both, so that opening the others waits for nobody.
  const both = await open(path, constants.O_RDWR);
  const [reader, writer] = [await open(path, constants.O_RDONLY), await open(path, constants.O_WRONLY)];
  await Promise.all([both.close(), unlink(path)]);
  const cat = spawn('cat', { env, stdio: [reader.fd, 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => cat.once('close', () => resolve()));
  cat.stdout?.on('data', onOutput);
  await once(cat, 'spawn')
    .catch(async (error: unknown) => {
      await writer.close();
      throw error;
    })
    .finally(() => reader.close());
  return {
    writer,
    async end() {
      // Only without a sandbox may something be left that holds it open.
      const timer = setTimeout(() => cat.kill('SIGKILL'), LONGEST_REST_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
