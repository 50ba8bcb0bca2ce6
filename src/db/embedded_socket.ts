import { createHash } from 'node:crypto';
import { chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './embedded_user.ts';

/** sockaddr_un.sun_path holds 108 bytes with the closing NUL on Linux and 104 on BSD and macOS. */
const LONGEST_SOCKET_PATH = 103;

/**
 * The private folder of the server's unix socket: inside the data directory, or, where that path is too long for a
 * socket, a folder under the system's temporary directory that is named after it.
 * Rejects when that folder belongs to someone else or lets others in.
 */
export async function socketFolder(dataDir: string, account: Account): Promise<string> {
  const inside = join(dataDir, 'socket');
  const short = join(tmpdir(), `continuity-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
  const folder = Buffer.byteLength(join(inside, '.s.PGSQL.5432')) <= LONGEST_SOCKET_PATH ? inside : short;
  const created = await mkdir(folder, { mode: 0o700 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
  if (created && account !== undefined) await chown(folder, account.uid, account.gid);
  const found = await lstat(folder);
  const owners = [process.getuid?.(), account?.uid];
  if (!found.isDirectory() || !owners.includes(found.uid) || (found.mode & 0o077) !== 0) {
    throw new Error(`${folder} must be a folder of our own that nobody else may enter: remove it, or set DATA_DIR.`);
  }
  // Another process of ours may have been killed, or be about to be, between mkdir and chown.
  if (account !== undefined && found.uid !== account.uid) await chown(folder, account.uid, account.gid);
  return folder;
}
