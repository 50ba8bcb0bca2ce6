import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Accounts, NO_ACCOUNTS, openAccounts } from './accounts.ts';
import { chooseSandbox } from './choose_sandbox.ts';
import { runCommand } from './command.ts';
import { openWorkFolder, type TaskFolder, type WorkFolder } from './folders.ts';
import { SYSTEM_PATH } from './git.ts';
import { bubblewrapArgs, type Sandbox, type SandboxKind, startIn } from './sandbox.ts';
import type { Account } from './spawned.ts';

type Env = Readonly<Record<string, string>>;
const isRoot = process.getuid?.() === 0;
let parent: string;
let work: WorkFolder;
let accounts: Accounts;
let account: Account;
let folder: TaskFolder;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'continuity-command-'));
  await chmod(parent, 0o711);
  work = await openWorkFolder(join(parent, 'work'), { asRoot: isRoot, tell: console.error });
  accounts = isRoot ? await openAccounts(undefined, 1) : NO_ACCOUNTS;
});
afterAll(async () => {
  accounts.close();
  await work.close();
  await rm(parent, { recursive: true, force: true });
});
beforeEach(async () => {
  account = accounts.take();
  folder = await work.create(account);
});
afterEach(async () => {
  await work.remove(folder);
  accounts.give(account);
});

const ENV = { PATH: SYSTEM_PATH, SECRET: 'a\nb c' };
const never = new AbortController().signal;
async function run(
  sandbox: Sandbox,
  command: string,
  {
    signal = never,
    timeoutSeconds = 20,
    env = ENV,
  }: Partial<{ signal: AbortSignal; timeoutSeconds: number; env: Env }> = {},
) {
  const printed: Buffer[] = [];
  const start = await startIn(sandbox, folder, account, { command, env });
  const options = { folder, account, ownAccount: isRoot, timeoutSeconds, signal };
  const end = await runCommand(start, { ...options, onOutput: (bytes) => printed.push(bytes) });
  return { end, text: Buffer.concat(printed).toString() };
}

const wishes = () => ({ read: [], secret: [work.path], unsafe: false });
const works = (kind: SandboxKind) =>
  kind === 'bubblewrap'
    ? chooseSandbox(folder, account, wishes()).then(
        (chosen) => chosen.kind === kind,
        () => false,
      )
    : Promise.resolve(kind === 'none' || isRoot);

describe.each(['bubblewrap', 'account', 'none'] as const)('a command in the sandbox %s', (kind) => {
  const sandbox = { kind, read: [], hidden: [] };
  beforeEach(async ({ skip }) => {
    if (!(await works(kind))) skip(`${kind} does not work here`);
  });

  it('ends with its exit code', async () => {
    expect(await run(sandbox, 'echo "$SECRET"; exit 9')).toEqual({ end: { exitCode: 9 }, text: 'a\nb c\n' });
  });

  it('is killed when nobody wants it any more', async () => {
    const stop = new AbortController();
    const command = `sh -c 'trap "" TERM; sleep 1000' & sleep 1000`;
    // Before it runs, while it is started, and later.
    for (const ms of [0, 5, 20, 300]) {
      const running = run(sandbox, command, { signal: AbortSignal.timeout(ms) });
      await expect(running).rejects.toThrow('timeout');
    }
    stop.abort(new Error('enough'));
    await expect(run(sandbox, 'true', { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('that forks as fast as it can is killed', async ({ skip }) => {
    if (kind === 'none') skip('nothing but the process group is known of it');
    const { end } = await run(sandbox, 'f() { (setsid sleep 1000 &); }; while :; do f; done', { timeoutSeconds: 1 });
    expect(end).toMatchObject({ failure: 'timeout' });
    if (account) expect(await processesOf(account.uid)).toEqual([]);
  });

  it('cannot see what the runner hides', async ({ skip }) => {
    if (kind === 'none') skip('it hides nothing');
    const other = await work.create(undefined);
    await writeFile(join(other.path, 'gitconfig'), 'hidden');
    const { text } = await run(sandbox, `cat ${other.path}/gitconfig; ls ${work.path} ${work.path}/* 2>/dev/null`);
    await work.remove(other);
    expect(text).not.toContain('hidden');
    expect(text).not.toMatch(/^task-/m);
    expect(text).not.toContain('fetched');
  });

  it('sees its variables as they are', async () => {
    const odd = Array.from({ length: 0x17f }, (_, n) => String.fromCharCode(n + 1)).join('') + '\n\n';
    const env = { ...ENV, ODD: odd, IFS: 'a/', EMPTY: '' };
    const command = 'printf %s "$ODD" && printf %s "${EMPTY-unset}" && test ! -e /proc/self/fd/3';
    expect(await run(sandbox, command, { env })).toEqual({ end: { exitCode: 0 }, text: odd });
  });

  it('has its variables when it can do no harm with them, not before', async () => {
    const env = { PATH: '/none', LD_PRELOAD: '/none.so' };
    const { end, text } = await run(sandbox, 'echo here', { env });
    expect(end).toEqual({ exitCode: 0 });
    expect(text).toMatch(/here\n$/);
    // Of the command's own shell.
    expect(text.match(/ld\.so/g)).toHaveLength(1);
  });

  it('that no machine could start fails', async () => {
    const end = { failure: 'sandbox', message: expect.stringContaining('too long') };
    expect(await run(sandbox, `: ${'x'.repeat(200_000)}`)).toEqual({ end, text: '' });
  });

  it('that this machine cannot start is no failure of its own', async () => {
    const start = await startIn(sandbox, folder, account, { command: 'true', env: ENV });
    const options = {
      folder,
      account,
      ownAccount: isRoot,
      timeoutSeconds: 20,
      signal: never,
      onOutput: () => undefined,
    };
    await expect(runCommand({ ...start, file: '/none' }, options)).rejects.toThrow('ENOENT');
  });

  it('whose own program is missing is told apart', async () => {
    expect((await run(sandbox, 'nonesuch')).end).toEqual({ exitCode: 127 });
  });
});

async function processesOf(uid: number): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if ((await stat(`/proc/${pid}`).catch(() => undefined))?.uid !== uid) continue;
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ');
    if (!/\) [ZX] /.test(line)) found.push(line);
  }
  return found;
}

describe('the choice of a sandbox', () => {
  it('refuses to show what must not be seen', async () => {
    await expect(chooseSandbox(folder, account, { ...wishes(), read: [work.path] })).rejects.toThrow('--read');
  });

  it('refuses to show the whole machine', async () => {
    await expect(chooseSandbox(folder, account, { ...wishes(), read: ['/usr/..'] })).rejects.toThrow('--read /');
  });

  it('refuses folders that builds cannot enter', async ({ skip }) => {
    if (!isRoot) skip('builds run as the user of the runner');
    await chmod(parent, 0o700);
    await expect(chooseSandbox(folder, account, wishes())).rejects.toThrow('--work-dir');
    await chmod(parent, 0o711);
  });

  it('covers a data folder within a folder that is shown', () => {
    const args = bubblewrapArgs({ read: ['/opt'], hidden: [{ path: '/opt/data', isFolder: true }] }, folder).join(' ');
    expect(args).toMatch(/--ro-bind-try \/opt \/opt .*--tmpfs \/opt\/data/);
    expect(args).toMatch(/--unshare-all --share-net --die-with-parent --new-session --cap-drop ALL/);
  });
});
