import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '../db/connect.ts';
import { silent } from '../db/log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { listPublicKeys, openSigner, type PublicJwk } from './signing.ts';
import { createVault } from './vault.ts';

let test: TestDatabase;
let database: Database;
const vault = createVault(Buffer.alloc(32, 1));
beforeAll(async () => {
  test = await createTestDatabase();
  database = connect({ connectionString: test.connectionString, max: 4, log: silent });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

/** RFC 7797 §3 with `b64: false`: the signing input is the encoded header, a dot, and the payload as it is. */
function isSigned(jws: string, payload: Buffer, jwk: PublicJwk): boolean {
  const [header = '', middle, signature = ''] = jws.split('.');
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const input = Buffer.concat([Buffer.from(`${header}.`), payload]);
  return middle === '' && verify(null, input, key, Buffer.from(signature, 'base64url'));
}

describe('the signing key', () => {
  it('signs detached, so that exactly these bytes verify with the published key', async () => {
    const signer = await openSigner(database.db, vault);
    const [jwk] = await listPublicKeys(database.db);
    if (!jwk) throw new Error('no key is published');
    const payload = Buffer.from([0, 255, 46, 10, 13, 200]);
    const jws = signer.sign(payload);
    expect(isSigned(jws, payload, jwk)).toBe(true);
    expect(isSigned(jws, Buffer.concat([payload, Buffer.from([0])]), jwk)).toBe(false);
    expect(JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      alg: 'EdDSA',
      kid: jwk.kid,
      b64: false,
      crit: ['b64'],
    });
    expect(jwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x: jwk.x, kid: signer.kid, use: 'sig', alg: 'EdDSA' });
  });

  it('is one for all processes, also when they start together', async () => {
    const fresh = await createTestDatabase();
    const other = connect({ connectionString: fresh.connectionString, max: 4, log: silent });
    const signers = await Promise.all([1, 2, 3, 4].map(() => openSigner(other.db, vault)));
    const later = await openSigner(other.db, vault);
    expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1);
    const payload = Buffer.from('a');
    const keys = await listPublicKeys(other.db);
    for (const signer of [...signers, later]) {
      const jwk = keys.find(({ kid }) => kid === signer.kid);
      expect(jwk && isSigned(signer.sign(payload), payload, jwk)).toBe(true);
    }
    await other.close();
    await fresh.drop();
  });

  it('stays published when a newer one is added, which is listed first', async () => {
    const { kid } = await openSigner(database.db, vault);
    const newer = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), kid: 'newer', use: 'sig', alg: 'EdDSA' };
    const row = { kid: 'newer', public_jwk: JSON.stringify(newer), private_key: Buffer.alloc(1) };
    await database.db.insertInto('signing_keys').values(row).execute();
    expect((await listPublicKeys(database.db)).map((jwk) => jwk.kid)).toEqual(['newer', kid]);
    await database.db.deleteFrom('signing_keys').where('kid', '=', 'newer').execute();
  });

  it('is the newest one, once that was added', async () => {
    const fresh = await createTestDatabase();
    const other = connect({ connectionString: fresh.connectionString, max: 4, log: silent });
    const first = await openSigner(other.db, vault);
    const { private_key } = await other.db.selectFrom('signing_keys').selectAll().executeTakeFirstOrThrow();
    await other.db.insertInto('signing_keys').values({ kid: 'newer', public_jwk: '{}', private_key }).execute();
    expect([first.kid, (await openSigner(other.db, vault)).kid]).toEqual([first.kid, 'newer']);
    await other.close();
    await fresh.drop();
  });

  it('is stored sealed, and published without its private half', async () => {
    await openSigner(database.db, vault);
    const [row] = await database.db.selectFrom('signing_keys').selectAll().execute();
    expect(row && vault.open(row.private_key, 'signing_key').length).toBeGreaterThan(32);
    expect(Object.keys(row?.public_jwk as object)).not.toContain('d');
    await expect(openSigner(database.db, createVault(Buffer.alloc(32, 9)))).rejects.toThrow();
  });
});
