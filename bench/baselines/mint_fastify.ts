import { createHash, randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { MINT_TOKEN, type MintRow, mintParameters } from '../../src/download_tokens/statements.ts';

/**
 * The same mint with nothing around it: no validation but that of JSON, no log, no metrics, no common headers. One
 * named prepared statement authenticates, looks up and inserts both rows. Arguments: connection string, port.
 */
const [connectionString = '', port = ''] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 32 });
const app = Fastify({ logger: false });
const URL = `http://127.0.0.1:${port}`;
const ROLES = ['owner', 'admin'];
/** Above any id that the measured server makes, which works on the same tables, and that a baseline before has made. */
let lastId = 8_000_000_000_000_000_000n + BigInt(Date.now()) * 1_000n;

app.get('/ready', async () => 'ready');

app.post<{ Body: { productId: string; version?: string } }>('/api/generate-download-url', async (request, reply) => {
  const key = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const token = randomBytes(32).toString('hex');
  const expiresAt = new Date(Date.now() + 24 * 60 * 60 * 1000);
  lastId += 1n;
  const id = lastId.toString();
  const mint = {
    keyHash: createHash('sha256').update(key).digest(),
    email: null,
    productId: request.body.productId,
    version: request.body.version ?? null,
    tokenId: id,
    tokenHash: createHash('sha256').update(token).digest(),
    expiresAt,
    maxDownloads: null,
    customerEmail: null,
    orderId: null,
    purchaseId: null,
    eventId: id,
    userId: null,
  };
  const values = mintParameters([mint], ROLES);
  const { rows } = await pool.query<MintRow>({ ...MINT_TOKEN, values });
  const [row] = rows;
  if (row === undefined) return reply.code(401).send({ error: { generic: ['unauthorized'] } });
  if (row.token_id === null) return reply.code(404).send({ error: { productId: ['not_found'] } });
  return {
    success: true,
    productId: row.product_id,
    version: row.version,
    downloadToken: token,
    downloadUrl: `${URL}/download?token=${token}`,
    expiresAt: expiresAt.toISOString(),
  };
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
process.on('SIGTERM', () => process.exit(0));
