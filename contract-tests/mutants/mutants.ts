import { accounts } from './accounts.ts';
import { ofBuilds } from './builds.ts';
import { credentials } from './credentials.ts';
import { firehoses } from './firehose.ts';
import { ofHooks } from './hooks.ts';
import { projects as ofProjects } from './projects.ts';
import { mail } from './mail.ts';
import type { Net } from './nets.ts';
import { portal } from './portal.ts';
import { sellingPages } from './selling_pages.ts';
import { webhookBatches } from './webhook_batches.ts';
import { webhookReaders } from './webhook_readers.ts';
import { webhooks } from './webhooks.ts';

/** One small fault: in `file`, the text `find`, which stands there exactly once, becomes `replace`. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly net: Net;
}

const matrix: Net = { vitest: ['contract-tests/matrix.test.ts'] };
const products: Net = { vitest: ['src/products'] };
const versions: Net = { vitest: ['src/versions'] };
const tokens: Net = { vitest: ['src/download_tokens'] };
const downloads: Net = { vitest: ['src/downloads'] };
const users: Net = { vitest: ['src/users'] };
const http: Net = { vitest: ['src/http'] };
const secrets: Net = { vitest: ['src/secrets'] };

const owners: Mutant[] = [
  {
    name: 'owner: any organisation’s products are listed and found',
    file: 'src/products/queries.ts',
    find: `.where('p.organisation_id', '=', organisationId)`,
    replace: `.where('p.organisation_id', 'is not', null)`,
    net: products,
  },
  {
    name: 'owner: a product’s change reaches the same slug elsewhere',
    file: 'src/products/queries.ts',
    find: `    .set({ ...change, updated_at: sql\`now()\` })
    .where('organisation_id', '=', organisationId)`,
    replace: `    .set({ ...change, updated_at: sql\`now()\` })`,
    net: products,
  },
  {
    name: 'owner: versions of another organisation’s product of the same slug',
    file: 'src/versions/queries.ts',
    find: `.where('v.organisation_id', '=', organisationId)`,
    replace: `.where('v.organisation_id', 'is not', null)`,
    net: versions,
  },
  {
    name: 'owner: versions of every product of the organisation',
    file: 'src/versions/queries.ts',
    find: `.where('v.product_id', '=', productId);`,
    replace: `.where('v.product_id', 'is not', null);`,
    net: versions,
  },
  {
    name: 'owner: tokens of any organisation',
    file: 'src/download_tokens/queries.ts',
    find: `.where('t.organisation_id', '=', organisationId)`,
    replace: `.where('t.organisation_id', 'is not', null)`,
    net: matrix,
  },
  {
    name: 'owner: sessions of any organisation',
    file: 'src/downloads/queries.ts',
    find: `.where('s.organisation_id', '=', organisationId)`,
    replace: `.where('s.organisation_id', 'is not', null)`,
    net: downloads,
  },
  {
    name: 'owner: a purchase of another product may be named',
    file: 'src/download_tokens/actions.ts',
    find: `purchase.product_id !== productId || `,
    replace: ``,
    net: tokens,
  },
  {
    name: 'owner: minting finds any organisation’s product of the slug',
    file: 'src/download_tokens/statements.ts',
    find: `p.organisation_id = principal.organisation_id and p.id = r.product_id`,
    replace: `p.id = r.product_id`,
    net: tokens,
  },
  {
    name: 'owner: packs may be stored under another organisation',
    file: 'src/packs/handlers.ts',
    find: `if (vendorId !== organisationId) throw`,
    replace: `if (vendorId === '') throw`,
    net: matrix,
  },
  {
    name: 'owner: a session is found under another token',
    file: 'src/downloads/queries.ts',
    find: `return sessions(db).where('s.token_id', '=', tokenId).where('s.id', '=', id)`,
    replace: `return sessions(db).where('s.id', '=', id)`,
    net: downloads,
  },
];

const access: Mutant[] = [
  {
    name: 'role: a member may mint',
    file: 'generated/operations.ts',
    find: `"id":"generateDownloadUrl","method":"post","path":"/api/generate-download-url","tag":"download_tokens","surface":"delivery","actor":"user","role":"admin"`,
    replace: `"id":"generateDownloadUrl","method":"post","path":"/api/generate-download-url","tag":"download_tokens","surface":"delivery","actor":"user","role":"member"`,
    net: 'contract',
  },
  {
    name: 'role: the check of the role is gone',
    file: 'src/http/authenticate.ts',
    find: `if (role === null || !rolesFrom(role).includes(principal.role))`,
    replace: `if (role === null)`,
    net: matrix,
  },
  {
    name: 'role: the ranks are the wrong way round',
    file: 'src/http/operation.ts',
    find: `['member', 'admin', 'owner'];`,
    replace: `['owner', 'admin', 'member'];`,
    net: matrix,
  },
  {
    name: 'account: a suspended one goes on',
    file: 'src/http/authenticate.ts',
    find: `if (principal.suspended) throw fail('account_suspended');`,
    replace: ``,
    net: matrix,
  },
  {
    name: 'account: who owes money may create products',
    file: 'src/products/handlers.ts',
    find: `requirePaid(principal);
  const product = await createDraft`,
    replace: `const product = await createDraft`,
    net: matrix,
  },
  {
    name: 'account: who owes money may upload',
    file: 'src/packs/handlers.ts',
    find: `requirePaid(principal);
  requireOwn(principal, path.vendorId);`,
    replace: `requireOwn(principal, path.vendorId);`,
    net: matrix,
  },
  {
    name: 'account: who owes money may mint',
    file: 'src/download_tokens/actions.ts',
    find: `if (row.unpaid) throw fail('payment_required');`,
    replace: ``,
    net: matrix,
  },
  {
    name: 'credential: the e-mail address of Basic is not looked at',
    file: 'src/users/principal.ts',
    find: `($2::text is null or u.email = $2)`,
    replace: `($2::text is null or u.email <> '')`,
    net: http,
  },
  {
    name: 'credential: refreshing keeps the old key',
    file: 'src/users/actions.ts',
    find: `await replaceApiKey(tx, organisationId, userId, hashSecret(apiKey), at);`,
    replace: ``,
    net: users,
  },
  {
    name: 'transport: plain HTTP is let through in production',
    file: 'src/app.ts',
    find: `throw fail('https_required');`,
    replace: `void 0;`,
    net: http,
  },
  {
    name: 'transport: any client may claim https',
    file: 'src/http/transport.ts',
    find: `if (!trust(request.socket.remoteAddress ?? '', 0)) return false;`,
    replace: ``,
    net: http,
  },
];

const answers: Mutant[] = [
  {
    name: 'status: a taken slug is 400',
    file: 'src/errors/catalogue.ts',
    find: `already_exists: field(409,`,
    replace: `already_exists: field(400,`,
    net: 'contract',
  },
  {
    name: 'status: what is not there is 403',
    file: 'src/errors/catalogue.ts',
    find: `not_found: both(404,`,
    replace: `not_found: both(403,`,
    net: matrix,
  },
  {
    name: 'status: new and old manifests change places',
    file: 'src/manifests/handlers.ts',
    find: `return created ?`,
    replace: `return !created ?`,
    net: 'contract',
  },
  {
    name: 'code: an unknown version is a conflict',
    file: 'src/versions/actions.ts',
    find: `if (!version) throw fail('not_found', { field: 'versionId' });`,
    replace: `if (!version) throw fail('conflict', { field: 'versionId' });`,
    net: matrix,
  },
  {
    name: 'code: a revoked link is expired',
    file: 'src/download_tokens/rules.ts',
    find: `return fail('revoked', { field: 'token' });`,
    replace: `return fail('expired', { field: 'token' });`,
    net: downloads,
  },
  {
    name: 'code: reserved slugs are free',
    file: 'src/products/rules.ts',
    find: `return RESERVED.has(slug);`,
    replace: `return RESERVED.has(slug + '/');`,
    net: products,
  },
  {
    name: 'header: 405 without Allow',
    file: 'src/app.ts',
    find: `throw fail('method_not_allowed', { headers: { Allow: allow } })`,
    replace: `throw fail('method_not_allowed')`,
    net: http,
  },
  {
    name: 'header: a minted URL may be cached',
    file: 'src/http/headers.ts',
    find: `noStore ? 'no-store' : 'private'`,
    replace: `noStore ? 'private' : 'private'`,
    net: http,
  },
  {
    name: 'header: no Vary',
    file: 'src/http/headers.ts',
    find: `Vary: 'Accept',`,
    replace: ``,
    net: http,
  },
  {
    name: 'field: id_str is another id',
    file: 'src/users/present.ts',
    find: `id_str: row.id,`,
    replace: `id_str: \`\${row.id}0\`,`,
    net: users,
  },
  {
    name: 'field: active is its opposite',
    file: 'src/versions/present.ts',
    find: `active: row.active,`,
    replace: `active: !row.active,`,
    net: versions,
  },
  {
    name: 'field: the link leads elsewhere',
    file: 'src/download_tokens/present.ts',
    find: '/download?token=${token}`',
    replace: '/downloads?token=${token}`',
    net: tokens,
  },
  {
    name: 'log: the query with its token is written down',
    file: 'src/http/access_log.ts',
    find: `method: ctx.method, path,`,
    replace: `method: ctx.method, path: ctx.url,`,
    net: http,
  },
  {
    name: 'query: unknown parameters pass',
    file: 'src/http/validate.ts',
    find: `!operation.openQuery || documented.has(name)`,
    replace: `documented.has(name)`,
    net: http,
  },
];

const rules: Mutant[] = [
  {
    name: 'rule: a token lives two days',
    file: 'src/download_tokens/rules.ts',
    find: `const DAY = 24 *`,
    replace: `const DAY = 48 *`,
    net: tokens,
  },
  {
    name: 'rule: an expired link works',
    file: 'src/download_tokens/rules.ts',
    find: `if (token.expires_at <= now) return fail('expired', { field: 'token' });`,
    replace: ``,
    net: downloads,
  },
  {
    name: 'rule: one download too many',
    file: 'src/download_tokens/rules.ts',
    find: `download_count >= max_downloads`,
    replace: `download_count > max_downloads`,
    net: downloads,
  },
  {
    name: 'rule: a suspended organisation’s links work',
    file: 'src/download_tokens/rules.ts',
    find: `if (token.suspended)`,
    replace: `if (!token)`,
    net: downloads,
  },
  {
    name: 'rule: a yanked version is served',
    file: 'src/download_tokens/rules.ts',
    find: `|| token.version_status !== 'ready'`,
    replace: ``,
    net: downloads,
  },
  {
    name: 'rule: any byte of a pack may be read',
    file: 'src/downloads/rules.ts',
    find: `span.start <= start && end <= span.end`,
    replace: `span.start <= end`,
    net: downloads,
  },
  {
    name: 'rule: a session is complete after its first byte',
    file: 'src/downloads/queries.ts',
    find: `status = case when after.sent >= s.total_bytes`,
    replace: `status = case when after.sent >= 1`,
    net: downloads,
  },
  {
    name: 'rule: HEAD counts as a download',
    file: 'src/downloads/archive.ts',
    find: `if (koa.method === 'HEAD')`,
    replace: `if (koa.method === 'TRACE')`,
    net: downloads,
  },
  {
    name: 'rule: If-Range is not looked at',
    file: 'src/archives/ranges.ts',
    find: `if (ifRange !== undefined && ifRange.trim() !== etag) return whole;`,
    replace: ``,
    net: { vitest: ['src/archives/ranges.test.ts'] },
  },
  {
    name: 'rule: another content under a ready number',
    file: 'src/versions/rules.ts',
    find: `return sameContent && status !== 'yanked' ? 'same' : 'already_exists';`,
    replace: `return 'same';`,
    net: versions,
  },
  {
    name: 'rule: what is still checked can be activated',
    file: 'src/versions/rules.ts',
    find: `if (status === 'processing')`,
    replace: `if (status === 'failed' && wanted === 'yank')`,
    net: versions,
  },
  {
    name: 'rule: activating does not publish',
    file: 'src/versions/queries.ts',
    find: `      status: 'published',
`,
    replace: ``,
    net: versions,
  },
  {
    name: 'rule: activate of the manifest call is forgotten',
    file: 'src/versions/tasks.ts',
    find: `if (activated) await makeActive`,
    replace: `if (!activated) await makeActive`,
    net: versions,
  },
  {
    name: 'rule: packs are swept after an hour',
    file: 'src/tasks/sweep.ts',
    find: `const PACK_HOURS = 48;`,
    replace: `const PACK_HOURS = 1;`,
    net: { vitest: ['src/tasks/sweep.test.ts'] },
  },
  {
    name: 'idempotency: another request under the same key is replayed',
    file: 'src/http/idempotency.ts',
    find: `if (!stored.request_hash.equals(hash))`,
    replace: `if (stored.request_hash.length === 0)`,
    net: http,
  },
  {
    name: 'idempotency: two at once both run',
    file: 'src/http/idempotency.ts',
    find: `return rows[0]?.got ?? false;`,
    replace: `return rows.length > 0;`,
    net: http,
  },
  {
    name: 'secret: what is sealed for one purpose opens for another',
    file: 'src/secrets/vault.ts',
    find: `.setAAD(Buffer.from(purpose))
      `,
    replace: `.setAAD(Buffer.from('any'))
      `,
    net: secrets,
  },
  {
    name: 'secret: the signature does not cover the payload',
    file: 'src/secrets/signing.ts',
    find: 'Buffer.concat([Buffer.from(`${header}.`), payload])',
    replace: 'Buffer.from(`${header}.`)',
    net: secrets,
  },
  {
    name: 'hook: the contract judges nothing',
    file: 'contract-tests/run.ts',
    find: `else proof.proved.add(entry.key);`,
    replace: `else void 0;`,
    net: 'contract',
  },
  {
    name: 'hook: the contract sends what Dredd made up',
    file: 'contract-tests/run.ts',
    find: `  transaction.fullPath = wire.path;
`,
    replace: ``,
    net: 'contract',
  },
];

export const mutants: readonly Mutant[] = [
  ...owners,
  ...access,
  ...credentials,
  ...accounts,
  ...ofBuilds,
  ...ofHooks,
  ...firehoses,
  ...ofProjects,
  ...portal,
  ...webhooks,
  ...webhookBatches,
  ...webhookReaders,
  ...sellingPages,
  ...mail,
  ...answers,
  ...rules,
];
