import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { createApi } from './api.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('asks again where no answer comes in time, whatever was forgotten meanwhile', async () => {
  let asked = 0;
  server = createServer((_, response) => {
    if (++asked > 1) response.end('{}');
    else setImmediate(collectGarbage);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const told: string[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = createApi({ url, token: 'ctr_x', onTrouble: (what) => void told.push(what) });
  const answer = await api.request('GET', '/', { signal: new AbortController().signal, timeoutMs: 300 });
  expect(answer).toEqual({ status: 200, json: {} });
  expect(told[0]).toContain('trying again');
});
