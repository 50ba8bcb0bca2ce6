import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { up } from '../../migrations/20261122T0904_name_event_data_as_the_api_does.ts';
import { startTestServer } from '../testing/server.ts';

it('events from before speak snake_case after the migration; the others stay', async () => {
  const server = await startTestServer();
  try {
    const { db } = server.deps;
    const { orgId } = await server.createAccount('owner');
    const old = {
      productId: 'drums',
      versionId: '10',
      version: '1.0.0',
      tokenId: '11',
      sessionId: '12',
      activated: true,
    };
    for (const [id, data] of [old, {}, { role: 'owner' }].entries())
      await sql`insert into events (id, organisation_id, type, data)
        values (${id + 1}, ${orgId}, 'old.one', ${JSON.stringify(data)})`.execute(db);
    await up(db as never);
    await up(db as never);
    const rows = await db.selectFrom('events').select('data').where('type', '=', 'old.one').orderBy('id').execute();
    expect(rows.map(({ data }) => data)).toEqual([
      { product_id: 'drums', version_id: '10', version: '1.0.0', token_id: '11', session_id: '12', activated: true },
      {},
      { role: 'owner' },
    ]);
  } finally {
    await server.stop();
  }
});
