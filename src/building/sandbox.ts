import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildPlace } from './environment.ts';
import type { TaskFolder } from './folders.ts';
import { SYSTEM_PATH } from './git.ts';
import { quoted } from './shell_word.ts';
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
  /** What file descriptor 3 tells it: others on this machine can see command lines, and this holds secrets. */
  readonly input?: Buffer;
  /** File descriptor 4 tells how it went. */
  readonly tells?: boolean;
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

export interface Run {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function startIn(sandbox: Sandbox, folder: TaskFolder, account: Account, run: Run): Promise<Start> {
  const { source: cwd } = folder;
  if (sandbox.kind === 'none') return { file: SHELL, args: ['-c', run.command], cwd, env: run.env };
  if (sandbox.kind === 'account') return { ...withVariables(run), cwd };
  const uid = account?.uid ?? process.getuid?.() ?? 0;
  const gid = account?.gid ?? process.getgid?.() ?? 0;
  // Programs look up who they run as.
  await writeFile(join(folder.path, 'passwd'), `build:x:${uid}:${gid}:build:${INSIDE.home}:${SHELL}\n`);
  await writeFile(join(folder.path, 'group'), `build:x:${gid}:\n`);
  const plan = [...bubblewrapArgs(sandbox, folder), '--clearenv'];
  for (const [name, value] of Object.entries(run.env)) plan.push('--setenv', name, value);
  return {
    file: 'bwrap',
    args: ['--args', '3', '--json-status-fd', '4', '--', SHELL, '-c', run.command],
    cwd: folder.path,
    env: CLEAN,
    input: Buffer.from(plan.map((word) => `${word}\0`).join('')),
    tells: true,
  };
}

/** Programs of the sandbox itself are found, and see what they see, whatever the suite says. */
const CLEAN = { PATH: SYSTEM_PATH };

/** No program that is set-user-ID gives it more than it has. */
export function withoutPrivileges(command: readonly string[]): { file: string; args: string[] } {
  return { file: 'setpriv', args: ['--no-new-privs', '--', ...command] };
}

/**
 * The variables of the suite are set when it has no privileges to gain any more: one of them might name a library that is
 * loaded first of all. Those that the shell keeps for itself, as UID, it keeps.
 */
function withVariables({ command, env }: Run): Omit<Start, 'cwd'> {
  const set = 'eval "$(cat <&3)"; exec 3<&-; exec "$0" -c "$1"';
  const lines = Object.entries(env).map(([name, value]) => `command export ${name}=${quoted(value)} 2>/dev/null\n`);
  return { ...withoutPrivileges([SHELL, '-c', set, SHELL, command]), env: CLEAN, input: Buffer.from(lines.join('')) };
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

export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
