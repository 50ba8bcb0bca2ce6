import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { FIND_PRINCIPAL, FIND_TOKEN_PRINCIPAL, type PrincipalRow } from '../../src/users/principal.ts';

/**
 * The same look-up with nothing around it: no validation, no log, no metrics, no common headers; a named prepared
 * statement. Arguments: connection string, port.
 */
const [connectionString = '', port = ''] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 32 });
const app = Fastify({ logger: false });

app.get('/ready', async () => 'ready');

app.get('/whoami', async (request, reply) => {
  const secret = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const hash = createHash('sha256').update(secret).digest();
  const isToken = secret.startsWith('cto_');
  const statement = isToken ? FIND_TOKEN_PRINCIPAL : FIND_PRINCIPAL;
  const { rows } = await pool.query<PrincipalRow>({ ...statement, values: isToken ? [hash] : [hash, null] });
  const [row] = rows;
  if (row === undefined) return reply.code(401).send({ error: { generic: ['unauthorized'] } });
  return { response: { email: row.email } };
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
process.on('SIGTERM', () => process.exit(0));
