import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkManifest } from '../manifests/check.ts';
import type { Manifest } from '../manifests/manifest.ts';

/** What the tests may look at and change. */
export interface FakeServer {
  url: string;
  packs: Map<string, Buffer>;
  manifests: Manifest[];
  /** Method and path of every request, in order. */
  requests: string[];
  /** Called before each request is answered; true when it has dealt with it. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  failures: { path?: string; code: string }[];
  close(): Promise<void>;
}

interface Row {
  id: string;
  version: string;
  status: string;
  productHash: string;
  failures?: { path?: string; code: string }[];
  manifest: Manifest;
}

/** A server of the calls that publishing makes, in memory, which verifies nothing but hashes. For tests and measuring. */
export async function startFakeServer(): Promise<FakeServer> {
  const rows: Row[] = [];
  let product: { id: string; activeVersionId?: string } | undefined;
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    packs: new Map(),
    manifests: [],
    requests: [],
    intercept: () => false,
    failures: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', fake.url).pathname;
    fake.requests.push(`${request.method} ${path}`);
    if (fake.intercept(request, response)) return;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const [status, body] = answer(`${request.method} ${path}`, Buffer.concat(chunks));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  function answer(call: string, body: Buffer): [number, unknown] {
    const pack = /^PUT \/api\/blob\/org\/packs\/pack-([0-9a-f]{64})$/.exec(call)?.[1];
    if (pack) {
      if (createHash('sha256').update(body).digest('hex') !== pack)
        return [400, { error: { sha256: ['invalid_format'] } }];
      fake.packs.set(pack, body);
      return [200, { sha256: pack, size: body.length }];
    }
    const version = rows.find((row) => call.includes(`/versions/${row.id}`));
    if (call === 'GET /user') return [200, { response: { organisation_id: 'org' } }];
    if (call === 'POST /api/products') {
      product = { id: 'kit' };
      return [201, product];
    }
    if (call === 'POST /api/pack-check') {
      const { packHashes } = JSON.parse(body.toString());
      return [200, { existing: packHashes.filter((hash: string) => fake.packs.has(hash)) }];
    }
    if (call === 'POST /api/manifest') return publish(JSON.parse(body.toString()));
    if (call === 'GET /api/products/kit' && product) return [200, product];
    if (call === 'GET /api/products/kit/versions') return [200, [...rows].reverse().map(shown)];
    if (version && call.endsWith('/manifest')) return [200, version.manifest];
    if (version && call.endsWith('/activate') && product) product.activeVersionId = version.id;
    if (version) {
      if (version.status === 'processing') version.status = fake.failures.length > 0 ? 'failed' : 'ready';
      return [200, { ...shown(version), failures: fake.failures }];
    }
    return [404, { error: { generic: ['not_found'] } }];
  }

  function publish(body: { version: string; productHash: string; manifest: Manifest }): [number, unknown] {
    const { version, productHash, manifest } = body;
    const same = rows.find((row) => row.version === version);
    if (same?.productHash === productHash) return [200, shown(same)];
    if (same) return [409, { error: { version: ['already_exists'] } }];
    const checked = checkManifest(Buffer.from(JSON.stringify(manifest)));
    if (!checked.ok) return [400, { error: checked.errors }];
    if (checked.productHash !== productHash) return [400, { error: { productHash: ['invalid_format'] } }];
    const row: Row = { id: String(rows.length + 1), version, status: 'processing', productHash, manifest };
    rows.push(row);
    fake.manifests.push(manifest);
    return [201, shown(row)];
  }

  function shown({ manifest: _, ...row }: Row): Omit<Row, 'manifest'> & { active: boolean } {
    return { ...row, active: row.id === product?.activeVersionId };
  }

  return fake;
}
