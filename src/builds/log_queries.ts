import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** Bytes after which no further piece is begun, and the most of one piece: at most twice as many are read at once. */
const STRETCH = 128 * 1024;

export interface Stretch {
  /** What the log has from the offset on, or the start of it. */
  readonly bytes: Buffer;
  /** The size of the whole log, at the same moment. */
  readonly size: number;
  readonly state: string;
}

/** The log of a build from an offset on; undefined where the build is gone. */
export async function readStretch(
  db: Kysely<DB>,
  organisationId: string,
  buildId: string,
  offset: number,
): Promise<Stretch | undefined> {
  const { rows } = await sql<{ size: string; state: string; bytes: Buffer | null }>`
    select b.log_size as size, b.state, (
      select string_agg(substr(c.bytes, greatest(${offset}::bigint - c.start, 0)::integer + 1, ${STRETCH}::integer), ''::bytea
        order by c.start)
      from (select start, bytes, sum(octet_length(bytes)) over (order by start) - octet_length(bytes) as before
        from build_log_chunks
        where build_id = b.id and start >= coalesce((
          select max(start) from build_log_chunks where build_id = b.id and start <= ${offset}::bigint), 0)
        order by start limit 256) c
      where c.before < ${STRETCH}::bigint and c.start + octet_length(c.bytes) > ${offset}::bigint) as bytes
    from builds b where b.organisation_id = ${organisationId} and b.id = ${buildId}`.execute(db);
  const [row] = rows;
  return row && { bytes: row.bytes ?? Buffer.alloc(0), size: Number(row.size), state: row.state };
}
