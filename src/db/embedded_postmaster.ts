import { readFile, readlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running server says about itself in postmaster.pid. */
export interface Postmaster {
  pid: number;
  port: number;
  socket: string;
  host: string;
  ready: boolean;
}

/** The server that claims the cluster (an absolute path without links), if its process is alive. */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const file = join(cluster, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  // PostgreSQL, src/include/utils/pidfile.h: pid, data directory, start time, port, socket folder, host, shared memory, status.
  const [pid = '', , , port = '', socket = '', host = '', , status = ''] = text.split('\n');
  if (!alive(Number(pid))) return undefined;
  if (!(await runsIn(cluster, Number(pid)))) {
    // After a crash of the machine or container the number may belong to another program, which would keep
    // PostgreSQL from starting for as long as that runs.
    await unlink(file).catch(() => undefined);
    return undefined;
  }
  return {
    pid: Number(pid),
    port: Number(port),
    socket,
    host,
    ready: status.startsWith('ready'),
  };
}

export function alive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** PostgreSQL makes its data directory its working directory; a zombie has none. */
async function runsIn(cluster: string, pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  return readlink(`/proc/${pid}/cwd`).then(
    (folder) => folder === cluster,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}
