import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { fail } from '../errors/fail.ts';

const generate = promisify(generateKeyPair);

export type KeyType = 'ed25519' | 'rsa';

/** What every collision-resistant use asks of RSA beyond 2030 (NIST SP 800-57 part 1, table 2). */
const RSA_BITS = 3072;
/** An RSA key keeps a core busy for about a second, on a thread of the pool that files and passwords are read on too. */
const oneAtATime = pLimit(1);
/** Each may hold a connection to the database: one with an Idempotency-Key is made inside of a transaction. */
const MOST_WAITING = 3;

export interface SshKey {
  /** In OpenSSH's own format: its older releases read Ed25519 in no other. */
  readonly privateKey: string;
  /** A line for `authorized_keys`. */
  readonly publicKey: string;
}

/** A new key pair without passphrase. Rejects with `unavailable` under a flood of RSA. */
export async function createSshKey(type: KeyType, comment: string): Promise<SshKey> {
  // Loaded when it is first needed, so that servers start without it.
  const { default: sshpk } = await import('sshpk');
  const key = sshpk.parsePrivateKey(await newPrivateKey(type), 'pem');
  key.comment = comment;
  const publicKey = key.toPublic();
  publicKey.comment = comment;
  return { privateKey: key.toString('openssh'), publicKey: publicKey.toString('ssh') };
}

async function newPrivateKey(type: KeyType): Promise<string | Buffer> {
  const form = { type: 'pkcs8', format: 'pem' } as const;
  if (type === 'ed25519') return (await generate('ed25519', {})).privateKey.export(form);
  if (oneAtATime.pendingCount >= MOST_WAITING) throw fail('unavailable', { headers: { 'Retry-After': '10' } });
  const pair = await oneAtATime(() => generate('rsa', { modulusLength: RSA_BITS }));
  return pair.privateKey.export(form);
}
