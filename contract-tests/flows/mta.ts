import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports.ts';
import { run } from './run.ts';
import type { Scene } from './scene.ts';

/** A message as it lies in the mailbox. */
export interface Message {
  readonly to: string;
  readonly messageId: string;
  /** Head and bodies, with the line breaks of quoted-printable undone (RFC 2045 §6.7). */
  readonly text: string;
}

/** Exim, as Debian brings it. `refused@` is 550 until it has a mailbox; `grey@` is 451 the first time; `slow@` takes seconds. */
export interface Mta {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  openMailbox(): Promise<void>;
  /** Everything that was delivered. */
  messages(): Promise<Message[]>;
}

const PROGRAM = 'exim4';

/** Undefined where it is not installed. Its settings, spool and mailbox are in a folder of the scene's. */
export async function prepareMta(scene: Scene): Promise<Mta | undefined> {
  if ((await run('bash', ['-c', `command -v ${PROGRAM}`])).code !== 0) return undefined;
  const folder = await scene.folder();
  const port = await freePort();
  // A daemon that root starts gives up its rights.
  const user = userInfo().uid === 0 ? 'Debian-exim' : userInfo().username;
  const uid = Number((await run('id', ['-u', user])).out);
  for (const name of ['spool', 'log', 'mail']) await mkdir(join(folder, name));
  for (const name of ['', 'spool', 'log', 'mail']) await chown(join(folder, name), uid, userInfo().gid);
  await writeFile(join(folder, 'refuse'), '');
  const settings = join(folder, 'exim.conf');
  await writeFile(settings, configuration(folder, port, user), { mode: 0o644 });
  let stopRunning = (): Promise<void> => Promise.resolve();
  scene.onEnd(() => stopRunning());
  return {
    port,
    async start() {
      // A group of its own: each connection is a process, which would go on without the daemon.
      const child = spawn(PROGRAM, ['-C', settings, '-bdf', '-q2s'], { stdio: 'ignore', detached: true });
      stopRunning = () => endGroup(child.pid ?? 0);
      while (child.exitCode === null && !(await listens(port))) await pause(20);
      if (child.exitCode !== null)
        throw new Error(`exim ended: ${await readFile(join(folder, 'log', 'main'), 'utf8')}`);
    },
    stop: () => stopRunning(),
    openMailbox: () => rm(join(folder, 'refuse')),
    messages: () => readMaildir(join(folder, 'mail', 'new')),
  };
}

/** Exim's own language (spec.txt, chapters 14, 15, 26 and 44). Conditions of an ACL hold from top to bottom. */
const configuration = (folder: string, port: number, user: string): string => `
exim_user = ${user}
primary_hostname = mail.example.com
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%s
pid_file_path = ${folder}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
disable_ipv6
keep_environment =
host_lookup =
rfc1413_hosts =
tls_advertise_hosts =
deliver_drop_privilege
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny
    local_parts = refused
    condition = \${if exists{${folder}/refuse}}
    message = 5.1.1 no such user
  defer
    local_parts = grey
    condition = \${if !exists{${folder}/spool/seen}}
    set acl_m_seen = \${run{/usr/bin/touch ${folder}/spool/seen}}
    message = 4.7.1 greylisted, try again later
  warn
    local_parts = slow
    delay = 6s
  accept
begin routers
everybody:
  driver = accept
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  directory = ${folder}/mail
  maildir_format
  envelope_to_add
`;

async function endGroup(pid: number): Promise<void> {
  try {
    for (process.kill(-pid, 'SIGTERM'); ; await pause(5)) process.kill(-pid, 0);
  } catch {
    // There is nobody left.
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function readMaildir(folder: string): Promise<Message[]> {
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((raw) => {
    const text = raw.replace(/=\r?\n/g, '').replace(/=3D/g, '=');
    return { text, to: headerOf(text, 'Envelope-to'), messageId: headerOf(text, 'Message-ID') };
  });
}

/** The value of a header, which may be folded (RFC 5322 §2.2.3). */
export function headerOf(text: string, name: string): string {
  const head = (text.split(/\r?\n\r?\n/)[0] ?? '').replace(/\r?\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1] ?? '';
}
