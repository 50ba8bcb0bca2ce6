import { codesIn } from '../src/testing/check.ts';
import type { TestClient } from '../src/testing/client.ts';
import { globalCodes } from './transactions.ts';

/** Requests that no operation answers, by code; each must be answered so on both surfaces. */
const REQUESTS: Readonly<Record<string, { method: string; paths: string[]; production?: boolean }>> = {
  api_does_not_exists: { method: 'GET', paths: ['/nowhere', '/api/nowhere', '/download/%', '//ping'] },
  method_not_allowed: { method: 'DELETE', paths: ['/whoami', '/api/products'] },
  https_required: { method: 'GET', paths: ['/whoami', '/api/products', '/nowhere'], production: true },
};

/** Proves the errors that belong to no operation; answers those seen, as `status code`. */
export async function proveGlobals(working: TestClient, production: TestClient): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const name of globalCodes) {
    const [status, code = ''] = name.split(' ');
    const request = REQUESTS[code];
    if (!request) throw new Error(`no request brings about ${name}`);
    const client = request.production ? production : working;
    const asked = request.paths.map((path) => client.request(request.method, path));
    const answers = await Promise.all(asked).catch((error: unknown) => void console.error(String(error)));
    if (!answers) continue;
    const wrong = answers.find((answer) => answer.status !== Number(status) || !codesIn(answer.json).includes(code));
    if (wrong) console.error(`${name}: answered ${wrong.status} ${wrong.body.toString()}`);
    else seen.add(name);
  }
  return seen;
}
