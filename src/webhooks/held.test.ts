import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Hot } from '../db/hot.ts';
import { createVault } from '../secrets/vault.ts';
import { secretPurpose } from '../integrations/rules.ts';
import { stripeSignature } from '../testing/webhooks.ts';
import { holding } from '../http/held.ts';
import { verify } from './verify.ts';

const MIB = 1024 * 1024;
const vault = createVault(randomBytes(32));
const clock = () => new Date();

/** A request of which the bytes came, and no end. */
function unfinished(bytes: Buffer, headers: Record<string, string> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  request.push(bytes);
  return request;
}
const finished = (...given: Parameters<typeof unfinished>) => {
  const request = unfinished(...given);
  request.push(null);
  return request;
};
const sizeOf = (request: IncomingMessage) => holding(request, 10 * MIB, async (raw) => raw.length);

/** A database that knows these secrets of Stripe, each of another organisation. */
const knowing = (...secrets: string[]): { hot: Hot; asked(): number } => {
  let asked = 0;
  const rows = secrets.map((secret, i) => ({
    organisation_id: `org-${i}`,
    sealed: vault.seal(Buffer.from(secret), secretPurpose(`org-${i}`, 'stripe')),
  }));
  const query = async () => {
    asked += 1;
    return rows;
  };
  return { hot: { query } as unknown as Hot, asked: () => asked };
};

it('holds 64 MiB of posts that nobody’s signature was found on, and small ones past them', async () => {
  const sizes = [10, 10, 10, 10, 10, 10, 4].map((mib) => mib * MIB);
  const large = [...sizes, 65 * 1024].map((size) => unfinished(Buffer.alloc(size)));
  const reading = large.map(sizeOf);
  await expect(Promise.race(reading)).rejects.toMatchObject({ code: 'unavailable', headers: { 'Retry-After': '10' } });
  expect(await sizeOf(finished(Buffer.alloc(1000)))).toBe(1000);
  for (const request of large) request.push(null);
  const read = await Promise.allSettled(reading);
  expect(read.map((one) => one.status === 'fulfilled' && one.value)).toEqual([...sizes, false]);
  expect(await sizeOf(finished(Buffer.alloc(10 * MIB)))).toBe(10 * MIB);
});

it('keeps nothing of a post to an organisation that has no secret', async () => {
  const { hot } = knowing();
  const posts = Array.from({ length: 8 }, () => unfinished(Buffer.alloc(10 * MIB)));
  const answers = posts.map((request) =>
    verify({ hot, vault, clock }, { vendor: 'shopify', request, named: 'nobody' }),
  );
  expect(await sizeOf(finished(Buffer.alloc(10 * MIB)))).toBe(10 * MIB);
  for (const request of posts) request.push(null);
  for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'unauthorized' });
});

it('asks for no secret where Stripe’s signature is missing, malformed or old', async () => {
  const { hot, asked } = knowing('whsec_a');
  const body = Buffer.from('{}');
  const old = stripeSignature('whsec_a', body, Math.floor(Date.now() / 1000) - 301);
  for (const signature of ['', 't=1', `v1=${'0'.repeat(64)}`, 't=x,v1=00', old]) {
    const request = finished(body, { 'stripe-signature': signature });
    await expect(verify({ hot, vault, clock }, { vendor: 'stripe', request })).rejects.toMatchObject({
      code: 'unauthorized',
    });
  }
  expect(asked()).toBe(0);
});

it('lets others have their turn between the secrets of all organisations, and tries no large body on them', async () => {
  const { hot } = knowing(...Array.from({ length: 50 }, (_, i) => `whsec_${i}`));
  const body = Buffer.from(`{"a":"${'a'.repeat(1000)}"}`);
  let turns = 0;
  const count = () => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const request = finished(body, { 'stripe-signature': stripeSignature('whsec_7', body) });
  const { organisationId } = (await verify({ hot, vault, clock }, { vendor: 'stripe', request })) ?? {};
  clearImmediate(timer);
  expect(organisationId).toBe('org-7');
  expect(turns).toBeGreaterThanOrEqual(48);
  const post = (text: string) => {
    const large = Buffer.from(text);
    return verify(
      { hot, vault, clock },
      { vendor: 'stripe', request: finished(large, { 'stripe-signature': stripeSignature('whsec_7', large) }) },
    );
  };
  const padding = 'a'.repeat(256 * 1024);
  await expect(post(`{"a":"${padding}"}`)).rejects.toMatchObject({ code: 'payload_too_large' });
  expect(await post(`{"continuata_org_id":"org-7","a":"${padding}"}`)).toMatchObject({ organisationId: 'org-7' });
});
