import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { up } from '../../migrations/20261122T1400_note_activation_of_versions.ts';
import { startTestServer } from '../testing/server.ts';

it('versions that were activated before the migration keep that, with its time', async () => {
  const server = await startTestServer();
  try {
    const { db } = server.deps;
    const admin = await server.createAccount('admin');
    const { product, versionId: first } = await server.publishSmall(admin);
    const publish = async (version: string, activate: boolean) =>
      (await server.publishSmall(admin, { product, version, activate })).versionId;
    const [never, silent] = [await publish('2.0.0', false), await publish('3.0.0', true)];
    await sql`delete from events where type = 'version.activated' and data->>'version_id' = ${silent}`.execute(db);
    await sql`update versions set ready_at = '2026-01-02' where id = ${silent}`.execute(db);
    await sql`update events set created_at = '2026-01-01' where type = 'version.activated'`.execute(db);
    await sql`alter table versions drop column activated_at`.execute(db);
    await up(db as never);
    const rows = await db.selectFrom('versions').select(['id', 'activated_at']).orderBy('id').execute();
    const day = (at: Date | null) => at?.toISOString().slice(0, 10);
    expect(rows.map(({ id, activated_at }) => [id, day(activated_at)])).toEqual([
      [first, '2026-01-01'],
      [never, undefined],
      [silent, '2026-01-02'],
    ]);
  } finally {
    await server.stop();
  }
});
