import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface GitServer {
  /** Of the repositories. */
  readonly folder: string;
  /** Of a repository, as `git daemon` serves it. */
  url(name: string): string;
  /** Commits files, and makes the branch `main`; creates the repository where it is missing. Answers the SHA. */
  commit(name: string, files: Readonly<Record<string, string>>, message?: string): Promise<string>;
  git(name: string, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const PEOPLE = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-04-01T10:00:00+02:00',
  GIT_COMMITTER_NAME: 'Bob',
  GIT_COMMITTER_EMAIL: 'bob@example.com',
  GIT_COMMITTER_DATE: '2026-04-02T10:00:00-05:00',
};

/** Repositories in a folder, served by `git daemon` on a free port. */
export async function startGitServer(): Promise<GitServer> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-git-'));
  await chmod(folder, 0o755);
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...PEOPLE };
  const git = async (name: string, ...args: string[]) =>
    (await run('git', args, { cwd: join(folder, name), env })).stdout.trim();
  const daemon = await serveConnections('git', ['daemon', '--inetd', '--export-all', `--base-path=${folder}`], env);
  return {
    folder,
    url: (name) => `git://127.0.0.1:${daemon.port}/${name}`,
    git,
    async commit(name, files, message = 'Tune the kick drum') {
      await mkdir(join(folder, name), { recursive: true });
      await git(name, 'init', '--quiet', '--initial-branch=main');
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name, path)), { recursive: true });
        await writeFile(join(folder, name, path), text);
      }
      await git(name, 'add', '--all');
      await git(name, 'commit', '--quiet', '--allow-empty', '-m', message);
      return git(name, 'rev-parse', 'HEAD');
    },
    async stop() {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a program for each connection, which is its standard input and output, as inetd did: no port is guessed. */
export async function serveConnections(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn(file, args, { env, stdio: [socket, socket, 'ignore'] });
    child.once('exit', () => socket.destroy());
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
