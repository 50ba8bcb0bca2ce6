import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Vault } from './vault.ts';

/** An Ed25519 public key as RFC 8037 writes it. */
export interface PublicJwk {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  kid: string;
  use: 'sig';
  alg: 'EdDSA';
}

export interface Signer {
  readonly kid: string;
  /** A detached JWS (RFC 7515 appendix F) with unencoded payload (RFC 7797): `header..signature`, EdDSA. */
  sign(payload: Buffer): string;
}

const PURPOSE = 'signing_key';

/** The server's newest signing key, made once for all processes that share the database. */
export async function openSigner(db: Kysely<DB>, vault: Vault): Promise<Signer> {
  const row = (await newestKey(db)) ?? (await createKey(db, vault));
  return signerOf(
    row.kid,
    createPrivateKey({ key: vault.open(row.private_key, PURPOSE), format: 'der', type: 'pkcs8' }),
  );
}

function newestKey(db: Kysely<DB>) {
  return db
    .selectFrom('signing_keys')
    .select(['kid', 'private_key'])
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .executeTakeFirst();
}

async function createKey(db: Kysely<DB>, vault: Vault) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  // RFC 7638: the key's thumbprint is its name.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' };
  const sealed = vault.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), PURPOSE);
  return inTransaction(db, async (tx) => {
    // Of processes that start together the first one makes the key, and the others find it.
    await sql`lock table signing_keys in share row exclusive mode`.execute(tx);
    const known = await newestKey(tx);
    if (known) return known;
    const row = { kid, private_key: sealed };
    await tx
      .insertInto('signing_keys')
      .values({ ...row, public_jwk: JSON.stringify(jwk) })
      .execute();
    return row;
  });
}

function signerOf(kid: string, key: KeyObject): Signer {
  const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid, b64: false, crit: ['b64'] })).toString('base64url');
  return {
    kid,
    sign: (payload) =>
      `${header}..${sign(null, Buffer.concat([Buffer.from(`${header}.`), payload]), key).toString('base64url')}`,
  };
}

/** The public keys for `/.well-known/jwks.json` (RFC 7517 §5), newest first. */
export async function listPublicKeys(db: Kysely<DB>): Promise<PublicJwk[]> {
  const rows = await db.selectFrom('signing_keys').select('public_jwk').orderBy('created_at', 'desc').execute();
  return rows.map((row) => row.public_jwk as unknown as PublicJwk);
}
