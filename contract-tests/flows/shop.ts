import { setTimeout as pause } from 'node:timers/promises';
import { type Account, createOrganisation } from './account.ts';
import { call } from './api.ts';
import { createProduct, onePack, postManifest, putPack } from './release.ts';
import type { Server } from './server.ts';
import { untilReady } from './version_ready.ts';

export const PRODUCT = 'epic-drums-v1';

/** What its archive can be told by. */
export const CONTENT = 'boom';

/** A publisher with one product that can be bought. */
export interface Shop {
  readonly account: Account;
  get(path: string): Promise<Record<string, unknown>[]>;
  post(path: string, json?: object): Promise<Record<string, unknown>>;
}

export async function openShop(server: Server, id: string): Promise<Shop> {
  const account = await createOrganisation(server, id);
  await createProduct({ url: server.url, key: account.apiKey, vendorId: account.orgId }, PRODUCT);
  const shop = shopAt(server, account);
  await publish(server, shop, '1.0.0');
  return shop;
}

/** The same publisher at a server that was started again. */
export function shopAt({ url }: Pick<Server, 'url'>, account: Account): Shop {
  const key = account.apiKey;
  return {
    account,
    async get(path) {
      const { status, text } = await call('GET', url + path, { key });
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
      return JSON.parse(text) as Record<string, unknown>[];
    },
    async post(path, json) {
      const {
        status,
        text,
        json: answer,
      } = await call('POST', url + path, json === undefined ? { key } : { key, json });
      if (status >= 300) throw new Error(`POST ${path}: ${status} ${text}`);
      return answer;
    },
  };
}

/** Answers the version's id. */
export async function publish({ url }: Server, { account }: Shop, version: string): Promise<string> {
  const publisher = { url, key: account.apiKey, vendorId: account.orgId };
  const { pack, manifest } = onePack([{ path: `${version}.txt`, bytes: Buffer.from(CONTENT) }]);
  await putPack(publisher, pack);
  const posted = await postManifest(publisher, PRODUCT, version, manifest, { activate: true });
  return String((await untilReady(publisher, PRODUCT, posted)).json.id);
}

/** Asks until the answer is there; answers the last one, whether it is or not. */
export async function until<T>(ask: () => Promise<T>, isIt: (answer: T) => boolean, seconds = 30): Promise<T> {
  for (const deadline = Date.now() + 1000 * seconds; ; await pause(50)) {
    const answer = await ask();
    if (isIt(answer) || Date.now() > deadline) return answer;
  }
}
