import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const oauth2: Net = { vitest: ['src/oauth2'] };
const applications: Net = { vitest: ['src/applications'] };
const matrix: Net = { vitest: ['contract-tests/matrix.test.ts'] };
const mount: Net = { vitest: ['src/dashboard/mount.test.ts', 'src/dashboard/return_to.test.ts'] };
const sessions: Net = { vitest: ['src/sessions'] };
const links: Net = { vitest: ['src/mailed_links'] };
const colleagues: Net = { vitest: ['src/users/colleagues.test.ts'] };
const throttles: Net = { vitest: ['src/throttles'] };
const mail: Net = { vitest: ['src/mail'] };

/** Faults in OAuth2, sessions, invitations and what guards them. */
export const accounts: Mutant[] = [
  {
    name: 'oauth2: a code is not locked while it is exchanged',
    file: 'src/oauth2/queries.ts',
    find: `    .forUpdate('c')
`,
    replace: ``,
    net: oauth2,
  },
  {
    name: 'oauth2: a replayed code takes nothing back',
    file: 'src/oauth2/exchange.ts',
    find: `    await undo(tx, needs, client, code);
`,
    replace: ``,
    net: oauth2,
  },
  {
    name: 'oauth2: a code of another application',
    file: 'src/oauth2/queries.ts',
    find: `    .where('c.code_hash', '=', hash)
    .where('a.application_id', '=', clientId)`,
    replace: `    .where('c.code_hash', '=', hash)`,
    net: oauth2,
  },
  {
    name: 'oauth2: a code for ever',
    file: 'src/oauth2/rules.ts',
    find: `if (code.expires_at <= now || code.user_suspended) throw refuse();`,
    replace: `if (code.user_suspended) throw refuse();`,
    net: oauth2,
  },
  {
    name: 'oauth2: a verifier nobody asked for',
    file: 'src/oauth2/rules.ts',
    find: `if (verifier !== undefined && code.code_challenge === null)`,
    replace: `if (verifier === 'never')`,
    net: oauth2,
  },
  {
    name: 'oauth2: PKCE is up to the public application',
    file: 'src/oauth2/rules.ts',
    find: `if (!confidential) throw refuse(`,
    replace: `if (confidential && method) throw refuse(`,
    net: oauth2,
  },
  {
    name: 'oauth2: a redirect URI that begins alike',
    file: 'src/oauth2/redirect_uri.ts',
    find: `if (registered === requested) return true;`,
    replace: `if (requested.startsWith(registered)) return true;`,
    net: oauth2,
  },
  {
    name: 'oauth2: another redirect URI at the token endpoint',
    file: 'src/oauth2/rules.ts',
    find: `if (redirectUri !== undefined && redirectUri !== code.redirect_uri)`,
    replace: `if (redirectUri === 'never')`,
    net: oauth2,
  },
  {
    name: 'oauth2: a confidential application without its secret',
    file: 'src/oauth2/client.ts',
    find: `return hash === null && secret === undefined;`,
    replace: `return secret === undefined;`,
    net: oauth2,
  },
  {
    name: 'oauth2: tokens have an end',
    file: 'src/oauth2/server.ts',
    find: `    response.body = { access_token, token_type, scope };
`,
    replace: `    response.body = { ...response.body, access_token, token_type, scope };
`,
    net: oauth2,
  },
  {
    name: 'oauth2: the answer does not name its issuer',
    file: 'src/oauth2/server.ts',
    find: `return answerUri(uri, { ...parameters, iss: this.exchange.deps.config.publicUrl }, 'query');`,
    replace: `return answerUri(uri, parameters, 'query');`,
    net: oauth2,
  },
  {
    name: 'applications: of any organisation',
    file: 'src/applications/queries.ts',
    find: `db.selectFrom('applications').select(COLUMNS).where('organisation_id', '=', organisationId);`,
    replace: `db.selectFrom('applications').select(COLUMNS).where('organisation_id', 'is not', null);`,
    net: matrix,
  },
  {
    name: 'applications: deleted by another organisation',
    file: 'src/applications/queries.ts',
    find: `    .deleteFrom('applications')
    .where('organisation_id', '=', organisationId)
`,
    replace: `    .deleteFrom('applications')
`,
    net: matrix,
  },
  {
    name: 'applications: a javascript: redirect',
    file: 'src/oauth2/redirect_uri.ts',
    find: `return PRIVATE_USE_SCHEME.test(protocol) ? undefined : 'invalid_format';`,
    replace: `return undefined;`,
    net: applications,
  },
  {
    name: 'pages: any form is ours',
    file: 'src/dashboard/csrf.ts',
    find: `return a.length === b.length && timingSafeEqual(a, b);`,
    replace: `return b.length > 0 && timingSafeEqual(a, a);`,
    net: mount,
  },
  {
    name: 'pages: forms of other sites',
    file: 'src/dashboard/mount.ts',
    find: `if (isForeign(koa.req, deps.config.publicUrl)) return undefined;`,
    replace: ``,
    net: mount,
  },
  {
    name: 'pages: sign-in leads to another site',
    file: 'src/dashboard/return_to.ts',
    find: `if (sent === null || !/^\\/[\\x21-\\x7e]*$/.test(sent) || /^\\/\\/|\\\\/.test(sent)) return HOME;`,
    replace: `if (sent?.startsWith('//')) return sent;
  if (sent === null) return HOME;`,
    net: mount,
  },
  {
    name: 'sessions: without an end',
    file: 'src/sessions/queries.ts',
    find: `s.expires_at > now() and `,
    replace: ``,
    net: sessions,
  },
  {
    name: 'sessions: anybody ends anybody’s',
    file: 'src/sessions/queries.ts',
    find: `    .deleteFrom('sessions')
    .where('user_id', '=', userId)
`,
    replace: `    .deleteFrom('sessions')
`,
    net: sessions,
  },
  {
    name: 'links: used twice at once',
    file: 'src/mailed_links/queries.ts',
    find: `.forUpdate()`,
    replace: ``,
    net: links,
  },
  {
    name: 'users: the last owner goes',
    file: 'src/users/rules.ts',
    find: `return owners.length > 1 ? undefined : `,
    replace: `return owners.length > 0 ? undefined : `,
    net: colleagues,
  },
  {
    name: 'users: who was an owner when the request came in',
    file: 'src/users/rules.ts',
    find: `if (!owners.includes(actor)) return fail('insufficient_role');`,
    replace: ``,
    net: colleagues,
  },
  {
    name: 'throttles: counted, never refused',
    file: 'src/throttles/throttles.ts',
    find: `throw fail('slow_down'`,
    replace: `void fail('slow_down'`,
    net: throttles,
  },
  {
    name: 'mail: readable in the queue',
    file: 'src/tasks/sealed.ts',
    find: 'vault.seal(Buffer.from(JSON.stringify(content)), `job ${task}`)',
    replace: 'Buffer.from(JSON.stringify(content))',
    net: mail,
  },
];
