import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { SYSTEM_PATH } from './git.ts';
import { plain } from './git_words.ts';
import { RepositoryProblem } from './problems.ts';
import { SHELL } from './sandbox.ts';
import { quoted } from './shell_word.ts';
import { runProgram, watchGroup } from './spawned.ts';

export interface Ssh {
  /** For git. */
  readonly environment: Readonly<Record<string, string>>;
  /** The host keys that were accepted, where none were pinned. */
  learnt(): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface SshKey {
  readonly privateKey: string;
  /** Pinned ones; undefined before the first use. */
  readonly knownHosts: string | undefined;
}

const ENV = { PATH: SYSTEM_PATH, LC_ALL: 'C' };

/** The agent ends with the runner, even where that is killed: then nobody holds the other end of this shell's input. */
const AGENT = 'ssh-agent -D -a "$1" & exec >&-; read -r _; kill -9 "$!"; wait; rm -rf -- "$2"';
/** Longer than git may take. */
const LIFETIME_SECONDS = 20 * 60;
const PREFIX = 'cssh-';

/**
 * An agent that holds the key for as long as git runs: the key is never in a file. Agent and git run as the runner's own
 * user, since ssh refuses users without an entry in /etc/passwd; so builds, which run as others, cannot ask the agent.
 */
export async function openSsh({ privateKey, knownHosts }: SshKey, signal: AbortSignal): Promise<Ssh> {
  // Not in the work folder: the path of a socket has 107 bytes at most.
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  const [socket, hosts] = [join(folder, 'agent'), join(folder, 'known_hosts')];
  await writeFile(hosts, knownHosts === undefined ? '' : `${knownHosts.trimEnd()}\n`, { mode: 0o600 });
  const agent = spawn(SHELL, ['-c', AGENT, SHELL, socket, folder], {
    cwd: '/',
    env: ENV,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  watchGroup(agent);
  const ended = new Promise<unknown>((resolve) => agent.once('exit', resolve).once('error', resolve));
  const close = async () => {
    // Not killed: its shell waits for it, since where the runner is process 1 nobody else would.
    agent.stdin.on('error', () => undefined).end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(agent, signal);
    await addKey(socket, privateKey, signal);
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw error;
  }
  return {
    environment: {
      SSH_AUTH_SOCK: socket,
      GIT_SSH_VARIANT: 'ssh',
      GIT_SSH_COMMAND: sshCommand(socket, hosts, knownHosts !== undefined),
    },
    async learnt() {
      if (knownHosts !== undefined) return undefined;
      return (await readFile(hosts, 'utf8').catch(() => '')).trim() || undefined;
    },
    close,
  };
}

/** It prints where it listens once it does. */
async function listening(agent: ChildProcessByStdio<Writable, Readable, null>, signal: AbortSignal): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    agent.once('error', reject);
    agent.stdout.once('end', () => reject(new Error('ssh-agent cannot be started.')));
  });
  await Promise.race([once(agent.stdout, 'data', { signal }), failed]);
}

async function addKey(socket: string, privateKey: string, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await runProgram('ssh-add', ['-q', '-t', String(LIFETIME_SECONDS), '-'], {
    env: { ...ENV, SSH_AUTH_SOCK: socket },
    input: privateKey,
    signal,
  });
  if (code === 0) return;
  throw new RepositoryProblem('repository_refused', `The key cannot be given to an ssh-agent: ${plain(stderr.trim())}`);
}

const STALE_MS = 60 * 60_000;

/** What runners left that the whole machine took with it; by its age, it belongs to none that lives. */
export async function removeOldAgents(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const info = await lstat(folder).catch(() => undefined);
    if (!info?.isDirectory() || info.uid !== process.getuid?.() || info.mtimeMs > Date.now() - STALE_MS) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A line for a shell. No file of the user's or the system's says how to connect, and nobody is asked. */
export function sshCommand(socket: string, knownHosts: string, pinned: boolean): string {
  const options = {
    IdentityAgent: `"${socket}"`,
    IdentityFile: 'none',
    UserKnownHostsFile: `"${knownHosts}"`,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: pinned ? 'yes' : 'accept-new',
    HashKnownHosts: 'no',
    UpdateHostKeys: 'no',
    CheckHostIP: 'no',
    BatchMode: 'yes',
    ForwardAgent: 'no',
    PermitLocalCommand: 'no',
    ConnectTimeout: '20',
    ServerAliveInterval: '15',
  };
  const words = Object.entries(options).map(([name, value]) => `-o ${quoted(`${name}=${value}`)}`);
  return ['ssh', '-F', '/dev/null', '-a', '-x', ...words].join(' ');
}
