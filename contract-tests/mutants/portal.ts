import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const signIn: Net = { vitest: ['src/portal/sign_in.test.ts'] };
const api: Net = { vitest: ['src/portal/api.test.ts'] };
const token: Net = { vitest: ['src/portal/token.test.ts'] };
const signInPages: Net = { vitest: ['src/portal/sign_in_pages.test.ts'] };
const pages: Net = { vitest: ['src/portal/pages.test.ts'] };

/** Faults in what customers can do, and in what keeps everybody else out. */
export const portal: Mutant[] = [
  {
    name: 'portal: a code bears any number of tries',
    file: 'src/portal/code_queries.ts',
    find: `.where('tries', '<', CODE_TRIES)`,
    replace: `.where('tries', '<', 1_000_000)`,
    net: signIn,
  },
  {
    name: 'portal: a code signs in twice',
    file: 'src/portal/code_queries.ts',
    find: `    .where('id', '=', id)
    .where('used_at', 'is', null)`,
    replace: `    .where('id', '=', id)`,
    net: signIn,
  },
  {
    name: 'portal: any code will do',
    file: 'src/portal/rules.ts',
    find: `return timingSafeEqual(stored, hashCode(requestId, code));`,
    replace: `return timingSafeEqual(stored, stored) && requestId !== code;`,
    net: signIn,
  },
  {
    name: 'portal: asking takes longer for who bought something',
    file: 'src/portal/ask_code.ts',
    find: `  const at = clock();
`,
    replace: `  const at = clock();
  const known = await db.selectFrom('purchases').select('id').where('customer_email', '=', email).executeTakeFirst();
  if (known) await db.selectFrom('portal_codes').select('id').where('email', '=', email).execute();
`,
    net: signIn,
  },
  {
    name: 'portal: one place may ask without end',
    file: 'src/portal/ask_code.ts',
    find: `  await throttles.portalCodeAddress.take(addressBlock(address));
`,
    replace: ``,
    net: signIn,
  },
  {
    name: 'portal: strangers are written to',
    file: 'src/portal/tasks.ts',
    find: ` || !(await hasPurchases(deps.db, email))`,
    replace: ``,
    net: signIn,
  },
  {
    name: 'portal: a refunded purchase stays',
    file: 'src/portal/purchase_queries.ts',
    find: `.where('s.customer_email', '=', email).where('s.status', '=', 'paid')`,
    replace: `.where('s.customer_email', '=', email)`,
    net: api,
  },
  {
    name: 'portal: versions are seen before they are activated',
    file: 'src/portal/purchase_queries.ts',
    find: `
      and v.activated_at is not null`,
    replace: ``,
    net: api,
  },
  {
    name: 'portal: versions are handed out before they are activated',
    file: 'src/download_tokens/queries.ts',
    find: `
    .where('v.activated_at', 'is not', null)`,
    replace: ``,
    net: api,
  },
  {
    name: 'portal: signing out everywhere leaves programs in',
    file: 'src/portal/session_queries.ts',
    find: `  const query = db.deleteFrom('portal_sessions').where('email', '=', email);
`,
    replace: `  const query = db.deleteFrom('portal_sessions').where('email', '=', email).where('kind', '=', 'browser');
`,
    net: token,
  },
  {
    name: 'portal: looking at a mailed link uses it up',
    file: 'src/portal/link_page.tsx',
    find: `linkPage(csrf, token, await addressOfLink(deps, token))`,
    replace: `{
    const address = await addressOfLink(deps, token);
    await signInByLink(deps, token, { kind: 'browser', address });
    return linkPage(csrf, token, address);
  }`,
    net: signInPages,
  },
  {
    name: 'portal: forms of other sessions are taken',
    file: 'src/portal/mount.ts',
    find: `expected !== undefined && isCsrf(expected, form.get('csrf')) ? form : undefined`,
    replace: `expected !== undefined && form.get('csrf') !== null ? form : undefined`,
    net: pages,
  },
];
