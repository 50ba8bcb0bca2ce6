import { once } from 'node:events';
import { access, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { startRunner } from './programs.ts';
import type { Scene } from '../scene.ts';
import type { Tally } from '../tally.ts';

interface Asked {
  readonly repository_url: string;
  readonly ref: string;
}

/** The runner's own judgement: it is sent by a server to what is no repository. */
export async function badServer(tally: Tally, scene: Scene): Promise<void> {
  const folder = await scene.folder();
  const proof = join(folder, 'proof');
  const script = join(folder, 'script');
  await writeFile(script, `#!/bin/sh\ntouch ${proof}\n`, { mode: 0o755 });
  const good = 'git://127.0.0.1:1/kit';
  const asked: Asked[] = [
    { repository_url: `ext::${script}`, ref: 'main' },
    { repository_url: `ext::sh -c touch% ${proof}`, ref: 'main' },
    { repository_url: `file://${folder}`, ref: 'main' },
    { repository_url: folder, ref: 'main' },
    { repository_url: `--upload-pack=${script}`, ref: 'main' },
    { repository_url: `ssh://-oProxyCommand=${script}/kit`, ref: 'main' },
    { repository_url: good, ref: `--upload-pack=${script}` },
  ];
  const answers: unknown[] = [];
  const { url, over } = await serve(asked, answers);
  const token = `ctr_${'A'.repeat(43)}`;
  const runner = await startRunner(
    scene,
    { url, dataDir: join(folder, 'none') },
    { token, folder: await scene.folder() },
  );
  await Promise.race([over, runner.exited]);
  const text = JSON.stringify(answers);
  const codes = answers.map((answer) => (answer as { error?: { code?: string } }).error?.code);
  const refused =
    codes.length === asked.length && codes.every((code) => /^(repository_refused|ref_not_found)$/.test(code ?? ''));
  tally.check('a runner refuses ext::, files and options by itself', refused, text);
  const ran = await access(proof).then(
    () => true,
    () => false,
  );
  tally.check('and runs nothing of them', !ran, text);
  await runner.end('SIGTERM');
}

/** Gives each task to the runner that asks, and keeps what it answers; `over` when the last one has come. */
async function serve(asked: readonly Asked[], answers: unknown[]): Promise<{ url: string; over: Promise<void> }> {
  let given = 0;
  let done: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (done = resolve));
  const respond = async (request: IncomingMessage): Promise<unknown> => {
    const body = await json(request);
    if (request.url?.endsWith('/resolve')) {
      if (answers.push(body) === asked.length) done();
      return {};
    }
    if (request.url !== '/runner/lease') return { cancelled: false };
    const next = (body as { kinds: string[] }).kinds.includes('resolve') ? asked[given] : undefined;
    if (next) return taskOf(next, ++given);
    await over;
    return null;
  };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    void respond(request).then((answer) => response.end(JSON.stringify({ response: answer })));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  void over.then(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, over };
}

function taskOf(asked: Asked, id: number): object {
  const ids = Object.fromEntries(
    ['id', 'project_id', 'build_request_id'].flatMap((name) => [
      [name, id],
      [`${name}_str`, `${id}`],
    ]),
  );
  const leased_until = new Date(Date.now() + 60_000).toISOString();
  return { ...ids, kind: 'resolve', lease_id: 'lease', fence: 1, leased_until, ssh_private_key: 'none', ...asked };
}
