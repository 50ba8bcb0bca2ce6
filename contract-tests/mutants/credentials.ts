import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const matrix: Net = { vitest: ['contract-tests/matrix.test.ts'] };
const http: Net = { vitest: ['src/http'] };

/** Faults in who may call what, and in what leaves for other sites. */
export const credentials: Mutant[] = [
  {
    name: 'scope: what a token was granted is not looked at',
    file: 'src/http/authenticate.ts',
    find: `if (required.every((scope) => granted.includes(scope))) return;`,
    replace: `return;`,
    net: matrix,
  },
  {
    name: 'scope: a token of one scope has them all',
    file: 'src/http/authenticate.ts',
    find: `required.every((scope) => granted.includes(scope))`,
    replace: `granted.length > 0`,
    net: matrix,
  },
  {
    name: 'scope: a document that lists none takes any token',
    file: 'src/http/authenticate.ts',
    find: `if (principal.scopes !== null && scopes === null) throw fail('unauthorized');`,
    replace: ``,
    net: matrix,
  },
  {
    name: 'token: a Bearer key beside it is ignored',
    file: 'src/http/authenticate.ts',
    find: `/^ *bearer( |$)/i.test(authorization ?? '') || `,
    replace: ``,
    net: http,
  },
  {
    name: 'token: stays in the address',
    file: 'src/http/oauth_token.ts',
    find: `if (parsed?.[0] !== NAME) kept.push(pair);`,
    replace: `kept.push(pair);
    if (parsed?.[0] !== NAME) continue;`,
    net: http,
  },
  {
    name: 'token: Basic beside it decides',
    file: 'src/http/authenticate.ts',
    find: `  if (oauthToken !== undefined) {`,
    replace: `  if (oauthToken !== undefined && !authorization?.startsWith('Basic')) {`,
    net: http,
  },
  {
    name: 'JSON-P: another site reads with remembered credentials',
    file: 'src/http/authenticate.ts',
    find: `if (remembered && headers['sec-fetch-site'] === 'cross-site')`,
    replace: `if (remembered && headers['sec-fetch-site'] === 'nothing')`,
    net: http,
  },
  {
    name: 'JSON-P: the wrong length',
    file: 'src/http/jsonp.ts',
    find: `Number(length) + name.length + '()'.length`,
    replace: `Number(length) + name.length`,
    net: http,
  },
  {
    name: 'CORS: pages are open to scripts',
    file: 'src/app.ts',
    find: `const cors = !page && `,
    replace: `const cors = `,
    net: http,
  },
];
