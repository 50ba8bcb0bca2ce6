import { mint } from './api.ts';
import { noise } from './random.ts';
import { type File, onePack, type Publisher, postManifest, putPack, sha256 } from './release.ts';

/** What the server has answered for: it must be there after any kill. */
export interface Acknowledged {
  packs: Set<string>;
  /** Version number → its id. */
  versions: Map<string, string>;
  tokens: string[];
}

export const PRODUCT = 'killed';

/** What a version consists of follows from its number, so that also one that was never acknowledged can be judged. */
export function contentOf(version: string): File[] {
  const length = 500 + (Number(version.split('.')[1]) % 97) * 900;
  return [
    { path: `${version}/ä.bin`, bytes: noise(`version ${version}`, length) },
    { path: 'shared.bin', bytes: noise('shared', 3000) },
    { path: 'empty', bytes: Buffer.alloc(0) },
  ];
}

export interface Clients {
  /** Resolves when all have noticed that the server is gone. */
  done: Promise<void>;
}

/** Uploads, publishes and mints at once until the server is gone; `round` makes their names unique. */
export function startClients(publisher: Publisher, round: number, known: Acknowledged): Clients {
  const all = [
    upload(publisher, round, known),
    release(publisher, round, 0, known),
    release(publisher, round, 1, known),
  ];
  return { done: Promise.all([...all, mintAll(publisher, known)]).then(() => undefined) };
}

/** A request that was cut has no answer: undefined. */
async function answered<T>(request: Promise<T>): Promise<T | undefined> {
  return request.catch(() => undefined);
}

async function upload(publisher: Publisher, round: number, known: Acknowledged): Promise<void> {
  for (let i = 0; ; i++) {
    const bytes = noise(`pack ${round} ${i}`, 1000 + ((i * 7919) % 300_000));
    const answer = await answered(putPack(publisher, bytes));
    if (!answer) return;
    if (answer.status === 200) known.packs.add(sha256(bytes));
    else if (answer.status !== 503) throw new Error(`upload: ${answer.status} ${answer.text}`);
  }
}

async function release(publisher: Publisher, round: number, client: number, known: Acknowledged): Promise<void> {
  for (let i = 0; ; i++) {
    const version = `${round}.${2 * i + client}.0`;
    const { pack, manifest } = onePack(contentOf(version));
    const stored = await answered(putPack(publisher, pack));
    if (!stored) return;
    if (stored.status !== 200) continue;
    known.packs.add(sha256(pack));
    const answer = await answered(postManifest(publisher, PRODUCT, version, manifest, { activate: i % 3 === 0 }));
    if (!answer) return;
    if (answer.status === 201) known.versions.set(version, String(answer.json.id));
    else if (answer.status !== 503) throw new Error(`manifest: ${answer.status} ${answer.text}`);
  }
}

async function mintAll({ url, key }: Publisher, known: Acknowledged): Promise<void> {
  for (;;) {
    try {
      known.tokens.push(new URL(await mint(url, key, PRODUCT, '0.0.0')).searchParams.get('token') ?? '');
    } catch (error) {
      if (error instanceof Error && / 503 /.test(error.message)) continue;
      if (error instanceof Error && error.message.startsWith('minting')) throw error;
      return;
    }
  }
}
