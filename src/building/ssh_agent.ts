import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { SYSTEM_PATH } from './git.ts';
import { RepositoryProblem } from './problems.ts';
import { killGroup, runProgram, watchGroup } from './spawned.ts';

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

/**
 * An agent that holds the key for as long as git runs: the key is never in a file. Agent and git run as the runner's own
 * user, since ssh refuses users without an entry in /etc/passwd; so builds, which run as others, cannot ask the agent.
 */
export async function openSsh({ privateKey, knownHosts }: SshKey, signal: AbortSignal): Promise<Ssh> {
  // Not in the work folder: the path of a socket has 107 bytes at most.
  const folder = await mkdtemp(join(tmpdir(), 'cssh-'));
  const [socket, hosts] = [join(folder, 'agent'), join(folder, 'known_hosts')];
  await writeFile(hosts, knownHosts === undefined ? '' : `${knownHosts.trimEnd()}\n`, { mode: 0o600 });
  const agent = spawn('ssh-agent', ['-D', '-a', socket], {
    cwd: folder,
    env: ENV,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  watchGroup(agent);
  const close = async () => {
    killGroup(agent.pid);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(agent, signal);
    const added = await runProgram('ssh-add', ['-q', '-'], {
      env: { ...ENV, SSH_AUTH_SOCK: socket },
      input: privateKey,
      signal,
    });
    if (added.code !== 0) throw new Error(added.stderr.trim());
  } catch (error) {
    await close();
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    throw new RepositoryProblem('repository_refused', `The key cannot be given to an ssh-agent: ${why}`);
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
async function listening(agent: ChildProcessByStdio<null, Readable, null>, signal: AbortSignal): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    agent.once('error', reject);
    agent.once('exit', () => reject(new Error('it ended')));
  });
  failed.catch(() => undefined);
  await Promise.race([once(agent.stdout, 'data', { signal }), failed]);
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

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
