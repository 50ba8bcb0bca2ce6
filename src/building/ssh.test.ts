import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSshKey } from '../projects/ssh_key.ts';
import { type GitServer, serveConnections, startGitServer } from '../testing/git.ts';
import { type Accounts, NO_ACCOUNTS, openAccounts } from './accounts.ts';
import { openWorkFolder, type TaskFolder, type WorkFolder } from './folders.ts';
import { RepositoryProblem } from './problems.ts';
import { checkOut, type Repository, resolveRef } from './repository.ts';
import { type Account, runProgram } from './spawned.ts';
import { openSsh, removeOldAgents, sshCommand } from './ssh_agent.ts';

const SSHD = '/usr/sbin/sshd';
const isRoot = process.getuid?.() === 0;
const never = new AbortController().signal;
const ENV = { PATH: process.env['PATH'] ?? '' };

it('ssh asks nobody, goes by no file of the user, and accepts unknown hosts only where none is pinned', () => {
  const [first, later] = [sshCommand("/t/it's", '/t/hosts', false), sshCommand('/t/a', '/t/hosts', true)];
  expect(first).toContain(`-o 'IdentityAgent="/t/it'\\''s"'`);
  expect(first).toContain(`-o 'StrictHostKeyChecking=accept-new'`);
  expect(later).toContain(`-o 'StrictHostKeyChecking=yes'`);
  for (const words of [' -F /dev/null ', 'BatchMode=yes', 'ForwardAgent=no', 'GlobalKnownHostsFile=/dev/null'])
    expect(later).toContain(words);
});

describe('an agent', () => {
  let before: string | undefined;
  let temp: string;
  beforeEach(async () => {
    before = process.env['TMPDIR'];
    temp = await mkdtemp(join(tmpdir(), 'continuity-agent-'));
    process.env['TMPDIR'] = temp;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(temp, { recursive: true, force: true });
  });

  it('ends with a runner that is killed', async () => {
    const { privateKey } = await createSshKey('ed25519', 'test');
    const program = `
      const { openSsh } = await import(${JSON.stringify(import.meta.resolve('./ssh_agent.ts'))});
      const key = { privateKey: process.env.KEY, knownHosts: undefined };
      const { environment } = await openSsh(key, new AbortController().signal);
      console.log(environment.SSH_AUTH_SOCK);
      setInterval(() => undefined, 1000);`;
    const runner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      env: { ...ENV, KEY: privateKey, TMPDIR: temp },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(runner.stdout, 'data');
    const socket = String(printed).trim();
    const env = { ...ENV, SSH_AUTH_SOCK: socket };
    expect((await runProgram('ssh-add', ['-l'], { env })).stdout.toString()).toContain('ED25519');
    runner.kill('SIGKILL');
    await expect.poll(() => existsSync(dirname(socket)), { timeout: 10_000 }).toBe(false);
    expect((await runProgram('ssh-add', ['-l'], { env })).code).toBe(2);
  });

  it('that nobody wants any more is ended', async () => {
    const opened = openSsh({ privateKey: 'x', knownHosts: undefined }, AbortSignal.abort(new Error('enough')));
    await expect(opened).rejects.toThrow('enough');
    expect(await readdir(temp)).toEqual([]);
  });

  it('that cannot be started is no fault of the repository', async () => {
    process.env['TMPDIR'] = join(temp, 'x'.repeat(120));
    await mkdir(process.env['TMPDIR']);
    const opened = openSsh({ privateKey: 'x', knownHosts: undefined }, never);
    await expect(opened).rejects.not.toBeInstanceOf(RepositoryProblem);
    expect(await readdir(process.env['TMPDIR'])).toEqual([]);
  });

  it('leaves nothing for ever where the machine itself failed', async () => {
    const [old, fresh] = [await mkdtemp(join(temp, 'cssh-')), await mkdtemp(join(temp, 'cssh-'))];
    const long = new Date(Date.now() - 2 * 60 * 60_000);
    await utimes(old, long, long);
    await removeOldAgents();
    expect(await readdir(temp)).toEqual([basename(fresh)]);
  });
});

describe.skipIf(!existsSync(SSHD))('over ssh (skipped without openssh-server)', () => {
  let repositories: GitServer;
  let folder: string;
  let daemon: { readonly port: number; stop(): Promise<void> };
  let sha: string;
  let key: { privateKey: string; publicKey: string };
  let work: WorkFolder;
  let accounts: Accounts;
  let account: Account;
  let place: TaskFolder;
  beforeAll(async () => {
    repositories = await startGitServer();
    sha = await repositories.commit('kit', { 'kick.txt': 'boom\n' });
    folder = await mkdtemp(join(tmpdir(), 'continuity-sshd-'));
    key = await createSshKey('ed25519', 'test');
    await writeFile(join(folder, 'authorized'), `${key.publicKey}\n`);
    daemon = await startDaemon('host');
    // Of this file alone, to see what is left in it.
    await mkdir(join(folder, 'tmp'));
    process.env['TMPDIR'] = join(folder, 'tmp');
    work = await openWorkFolder(join(folder, 'work'), { asRoot: isRoot, tell: console.error });
    await chmod(folder, 0o711);
    accounts = isRoot ? await openAccounts(undefined, 1) : NO_ACCOUNTS;
  });
  afterAll(async () => {
    delete process.env['TMPDIR'];
    accounts.close();
    await work.close();
    await daemon.stop();
    await repositories.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    account = accounts.take();
    place = await work.create(account);
  });
  afterEach(async () => {
    await work.remove(place);
    accounts.give(account);
  });

  async function startDaemon(name: string) {
    const hostKey = join(folder, name);
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey], { env: ENV });
    // Where sshd keeps its children apart.
    if (isRoot) await mkdir('/run/sshd', { recursive: true });
    const config = [`HostKey ${hostKey}`, `AuthorizedKeysFile ${folder}/authorized`, 'StrictModes no', 'UsePAM no'];
    await writeFile(`${hostKey}.conf`, [...config, 'PasswordAuthentication no', ''].join('\n'));
    return serveConnections(SSHD, ['-i', '-f', `${hostKey}.conf`], ENV);
  }
  const repository = (more: Partial<Repository> = {}): Repository => ({
    url: `ssh://${userInfo().username}@127.0.0.1:${daemon.port}${repositories.folder}/kit`,
    privateKey: key.privateKey,
    knownHosts: undefined,
    ...more,
  });
  const here = () => ({ folder: place, account, allowed: ['ssh'], signal: never });

  it('a host is accepted on first use, told, and insisted on from then on; no agent and no key is left', async () => {
    const { commit, knownHosts } = await resolveRef(repository(), 'main', here());
    expect(commit.ref).toBe(sha);
    expect(knownHosts).toMatch(new RegExp(`^\\[127\\.0\\.0\\.1\\]:${daemon.port} ssh-ed25519 \\S+$`));
    const later = await work.create(account);
    await checkOut(repository({ knownHosts }), sha, { ...here(), folder: later });
    expect(await readdir(later.source)).toEqual(['.git', 'kick.txt']);
    for (const path of ['.git', 'kick.txt'])
      expect((await lstat(join(later.source, path))).uid).toBe(account?.uid ?? process.getuid?.());
    await work.remove(later);
    const other = (await createSshKey('ed25519', 'other')).publicKey.split(' ').slice(0, 2).join(' ');
    const pinned = repository({ knownHosts: `[127.0.0.1]:${daemon.port} ${other}` });
    await expect(resolveRef(pinned, 'main', here())).rejects.toMatchObject({ code: 'repository_refused' });
    expect(await readdir(tmpdir())).toEqual([]);
  });

  it('a key that the host does not know is refused', async () => {
    const { privateKey } = await createSshKey('ed25519', 'stranger');
    await expect(resolveRef(repository({ privateKey }), 'main', here())).rejects.toMatchObject({
      code: 'repository_refused',
      message: expect.stringContaining('Permission denied'),
    });
    await expect(resolveRef(repository({ privateKey: 'none' }), 'main', here())).rejects.toMatchObject({
      code: 'repository_refused',
    });
  });

  it('RSA keys work too', async () => {
    const rsa = await createSshKey('rsa', 'rsa');
    await writeFile(join(folder, 'authorized'), `${key.publicKey}\n${rsa.publicKey}\n`);
    const { commit } = await resolveRef(repository({ privateKey: rsa.privateKey }), 'main', here());
    expect(commit.ref).toBe(sha);
  });
});
