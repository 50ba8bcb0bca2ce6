import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildPlace } from './environment.ts';
import type { TaskFolder } from './folders.ts';
import { SYSTEM_PATH } from './git.ts';
import type { Account } from './spawned.ts';

/**
 * What keeps a build from the rest of the machine: `bubblewrap` shows it its own folder and the system's programs, in
 * namespaces of its own; `account` runs it as another user; `none` does nothing.
 */
export type SandboxKind = 'bubblewrap' | 'account' | 'none';

export interface Sandbox {
  readonly kind: SandboxKind;
  /** Folders that builds may read beside those of the system. */
  readonly read: readonly string[];
  /** What must not be seen of what would be: whole folders, or files. */
  readonly hidden: readonly Hidden[];
}

export interface Hidden {
  readonly path: string;
  readonly isFolder: boolean;
}

/** A program to start, and the sandbox's own words for it. */
export interface Start {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** For file descriptor 4; file descriptor 3 then tells how it went. */
  readonly plan?: Buffer;
}

export const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** What programs need to know of the machine. All else in /etc may be a secret of the runner's user. */
const ETC = ['alternatives', 'ca-certificates', 'crypto-policies', 'hosts', 'host.conf', 'java', 'ld.so.cache']
  .concat(['ld.so.conf', 'ld.so.conf.d', 'localtime', 'mime.types', 'nsswitch.conf', 'pki', 'protocols'])
  .concat(['resolv.conf', 'services', 'ssl', 'terminfo', 'timezone'])
  .map((name) => `/etc/${name}`);
const INSIDE = { source: '/build/source', home: '/build/home', temp: '/tmp' };

/** The folders of a task as its command sees them. */
export function placeOf({ kind, read }: Sandbox, { source, home, temp }: TaskFolder): BuildPlace {
  return { ...(kind === 'bubblewrap' ? INSIDE : { source, home, temp }), read };
}

export const SHELL = '/bin/sh';

export async function startIn(
  sandbox: Sandbox,
  folder: TaskFolder,
  account: Account,
  run: { readonly command: string; readonly env: Readonly<Record<string, string>> },
): Promise<Start> {
  const shell = [SHELL, '-c', run.command];
  if (sandbox.kind !== 'bubblewrap') {
    const { file, args } =
      sandbox.kind === 'account' ? withoutPrivileges(shell) : { file: SHELL, args: shell.slice(1) };
    return { file, args, cwd: folder.source, env: run.env };
  }
  const uid = account?.uid ?? process.getuid?.() ?? 0;
  const gid = account?.gid ?? process.getgid?.() ?? 0;
  // Programs look up who they run as.
  await writeFile(join(folder.path, 'passwd'), `build:x:${uid}:${gid}:build:${INSIDE.home}:${SHELL}\n`);
  await writeFile(join(folder.path, 'group'), `build:x:${gid}:\n`);
  const plan = [...bubblewrapArgs(sandbox, folder), '--clearenv'];
  for (const [name, value] of Object.entries(run.env)) plan.push('--setenv', name, value);
  return {
    file: 'bwrap',
    // The plan has the secrets: others on this machine can see command lines.
    args: ['--args', '4', '--json-status-fd', '3', '--', ...shell],
    cwd: folder.path,
    env: { PATH: SYSTEM_PATH },
    plan: Buffer.from(plan.map((word) => `${word}\0`).join('')),
  };
}

/** No program that is set-user-ID gives it more than it has. */
export function withoutPrivileges(command: readonly string[]): { file: string; args: string[] } {
  return { file: 'setpriv', args: ['--no-new-privs', '--', ...command] };
}

export function bubblewrapArgs(
  { read, hidden }: Pick<Sandbox, 'read' | 'hidden'>,
  { path, source, home, temp }: Pick<TaskFolder, 'path' | 'source' | 'home' | 'temp'>,
): string[] {
  const shown = (from: string, to = from) => ['--ro-bind-try', from, to];
  return [
    ...[
      '--unshare-all',
      '--share-net',
      '--die-with-parent',
      '--new-session',
      '--cap-drop',
      'ALL',
      '--hostname',
      'build',
    ],
    ...[...SYSTEM, ...ETC, ...read].flatMap((from) => shown(from)),
    ...hidden.flatMap((one) => (one.isFolder ? ['--tmpfs', one.path] : shown('/dev/null', one.path))),
    ...shown(join(path, 'passwd'), '/etc/passwd'),
    ...shown(join(path, 'group'), '/etc/group'),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run', '--dir', '/var/tmp'],
    ...['--bind', temp, INSIDE.temp, '--bind', source, INSIDE.source, '--bind', home, INSIDE.home],
    // What is left of the root is memory of this machine.
    ...['--remount-ro', '/', '--chdir', INSIDE.source],
  ];
}

export const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
