import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { call } from './api.ts';
import { type Ran, run } from './run.ts';
import type { Scene } from './scene.ts';
import { startServer } from './server.ts';
import type { Tally } from './tally.ts';

/** `npm run contract -- --url …`, as somebody runs it against a server of theirs. */
export async function contractUrl(tally: Tally, scene: Scene): Promise<void> {
  const server = await startServer(scene);
  const [, key = ''] = await server.says(/API key[^\n]*: (ct_[\w-]{43})\n/);
  const folder = await scene.folder();
  const [junit, html] = [join(folder, 'junit.xml'), join(folder, 'page.html')];
  const contract = (...args: string[]) =>
    run('npm', ['run', '-s', 'contract', '--', ...args], { env: { CONTINUITY_API_KEY: key } });

  const honest = await startProxy(scene, server.url);
  const read = await contract('--url', honest.url, '--junit', junit, '--html', html);
  tally.check('a server that keeps the contract passes', read.code === 0 && / 0 broken/.test(read.out), read);
  tally.check('it is asked by GET alone', [...honest.methods].join() === 'GET', [...honest.methods]);
  tally.check('what cannot be reached is named', /the lease of a runner: \d+ answers/.test(read.out), read.out);
  const reports = [await readFile(junit, 'utf8'), await readFile(html, 'utf8')];
  const whole = /failures="0"/.test(reports[0] ?? '') && /0 broken/.test(reports[1] ?? '');
  tally.check('both reports say so', whole, reports);

  const wrote = await contract('--url', server.url, '--api-key', key, '--write', '--junit', junit, '--html', html);
  tally.check('--write passes', wrote.code === 0 && / 0 broken/.test(wrote.out), wrote);
  tally.check('and tells what stays', /left behind.*archived product.* of contract-/.test(wrote.out), wrote.out);
  for (const path of ['/projects', '/applications', '/runners']) {
    const { text } = await call('GET', server.url + path, { key });
    tally.check(`nothing of it is left in ${path}`, !text.includes('contract-'), text);
  }

  const lying = await startProxy(scene, server.url, (path, body) =>
    path === '/user' ? body.replace('"role":"owner"', '"role":"emperor"') : body,
  );
  const lied = await contract('--url', lying.url, '--junit', junit, '--html', html);
  tally.check('one that lies in one body fails', lied.code === 1 && /^getUser 200 .*role/m.test(lied.out), lied);
  tally.check('and its report names it', /<failure[^>]*role/.test(await readFile(junit, 'utf8')));
  reports.push(await readFile(junit, 'utf8'), await readFile(html, 'utf8'));

  await refusals(tally, contract);
  const said = [read, wrote, lied].flatMap(({ out, err }) => [out, err]);
  tally.check('the key is in no output and no report', ![...said, ...reports].some((text) => text.includes(key)));
}

async function refusals(tally: Tally, contract: (...args: string[]) => Promise<Ran>): Promise<void> {
  const wrong: readonly (readonly [string, string[], number])[] = [
    ['http to another machine', ['--url', 'http://192.0.2.1'], 2],
    ['an unknown option', ['--url', 'https://192.0.2.1', '--wriet'], 2],
    ['no URL', ['--write'], 2],
    ['a key that is none', ['--url', 'https://192.0.2.1', '--api-key', 'secret'], 2],
    ['a server that is not there', ['--url', 'http://127.0.0.1:1'], 1],
  ];
  for (const [what, args, code] of wrong) {
    const ran = await contract(...args);
    const clear = ran.err.length > 0 && !/\n\s+at /.test(ran.err);
    tally.check(`${what}: exit code ${code} and a sentence`, ran.code === code && clear, ran);
  }
}

/** Hands everything on, and may change text on its way back. */
async function startProxy(scene: Scene, target: string, change = (_path: string, body: string) => body) {
  const methods = new Set<string>();
  const proxy = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    methods.add(method);
    const body = Buffer.concat(await incoming.toArray());
    const { host: _host, connection: _connection, ...passed } = headers as Record<string, string>;
    const answer = await fetch(target + url, {
      method,
      headers: passed,
      redirect: 'manual',
      body: body.length > 0 ? new Uint8Array(body) : null,
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const changed = change(url, bytes.toString());
    const sent = changed === bytes.toString() ? bytes : Buffer.from(changed);
    const kept = [...answer.headers].filter(([name]) => !['transfer-encoding', 'connection'].includes(name));
    const length = answer.headers.has('content-length') ? { 'content-length': String(sent.length) } : {};
    outgoing.writeHead(answer.status, { ...Object.fromEntries(kept), ...length }).end(sent);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  scene.onEnd(async () => proxy.close());
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, methods };
}
