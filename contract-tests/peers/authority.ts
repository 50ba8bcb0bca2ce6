import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';

export interface Authority {
  /** The certificate that clients are told to trust, and nothing else. */
  readonly caFile: string;
  /** For `localhost` and `127.0.0.1`, signed by it. */
  readonly certFile: string;
  readonly keyFile: string;
  /** A home directory whose certificate store, the one Chromium reads, trusts the authority. */
  readonly home: string;
}

const CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n';
const LEAF =
  'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' +
  'authorityKeyIdentifier=keyid\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n';

/** A certificate authority of two days that signs for this machine only. */
export async function createAuthority(scene: Scene): Promise<Authority> {
  const folder = await scene.folder();
  const at = (name: string) => join(folder, name);
  await writeFile(at('ca.ext'), CA);
  await writeFile(at('leaf.ext'), LEAF);
  await request(folder, 'ca', '/CN=Continuity peers');
  await openssl(folder, 'x509 -req -in ca.csr -signkey ca.key -days 2 -extfile ca.ext -out ca.pem');
  await request(folder, 'leaf', '/CN=localhost');
  const signing = 'x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile leaf.ext';
  await openssl(folder, `${signing} -out leaf.pem`);
  const store = at('.pki/nssdb');
  await mkdir(store, { recursive: true });
  await tool('certutil', ['-N', '-d', `sql:${store}`, '--empty-password'], folder);
  await tool('certutil', ['-A', '-d', `sql:${store}`, '-n', 'peers', '-t', 'C,,', '-i', 'ca.pem'], folder);
  return { caFile: at('ca.pem'), certFile: at('leaf.pem'), keyFile: at('leaf.key'), home: folder };
}

function request(folder: string, name: string, subject: string): Promise<void> {
  const key = `-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${name}.key`;
  return tool('openssl', [...`req -new ${key} -out ${name}.csr -subj`.split(' '), subject], folder);
}

const openssl = (folder: string, line: string) => tool('openssl', line.split(' '), folder);

async function tool(command: string, args: string[], cwd: string): Promise<void> {
  const { code, err } = await run(command, args, { cwd });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${err}`);
}
