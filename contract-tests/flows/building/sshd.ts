import { access, appendFile, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { serveConnections } from '../../../src/testing/git.ts';
import { plainEnvironment, run } from '../run.ts';
import type { Scene } from '../scene.ts';

export interface Sshd {
  /** Of a path on this machine. */
  url(path: string): string;
  /** The line of `known_hosts` for it. */
  readonly knownHosts: string;
  /** Lets the owner of the key in. */
  authorize(publicKey: string): Promise<void>;
  /** From now on it proves itself with another key, as one would who took its place. */
  impersonate(other: boolean): Promise<void>;
}

const SSHD = '/usr/sbin/sshd';

/** OpenSSH's server with a configuration, keys and a port of its own; who gets in is the user that this runs as. */
export async function startSshd(scene: Scene): Promise<Sshd> {
  await access(SSHD).catch(() => {
    throw new Error(`${SSHD} is needed: apt-get install openssh-server`);
  });
  const folder = await scene.folder();
  const [config, authorized] = [join(folder, 'config'), join(folder, 'authorized_keys')];
  const impersonate = async (other: boolean) => {
    const lines = [`HostKey ${join(folder, other ? 'other' : 'host')}`, `AuthorizedKeysFile ${authorized}`];
    const closed = ['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'AllowTcpForwarding no'];
    await writeFile(config, [...lines, ...closed, 'StrictModes no', 'UsePAM no', ''].join('\n'));
  };
  for (const name of ['host', 'other']) {
    const { code, err } = await run('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      name,
      '-f',
      join(folder, name),
    ]);
    if (code !== 0) throw new Error(err);
  }
  await writeFile(authorized, '');
  await impersonate(false);
  // Where sshd keeps its children apart.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const { port, stop } = await serveConnections(SSHD, ['-i', '-f', config], plainEnvironment());
  scene.onEnd(stop);
  const { out } = await run('ssh-keygen', ['-y', '-f', join(folder, 'host')]);
  return {
    url: (path) => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`,
    knownHosts: `[127.0.0.1]:${port} ${out.split(' ').slice(0, 2).join(' ').trim()}`,
    authorize: (publicKey) => appendFile(authorized, `${publicKey}\n`),
    impersonate,
  };
}
