import type { ClientBase } from 'pg';

/** One COPY: a table, or the part of its columns that can only be filled in when the others are loaded. */
export interface Load {
  /** `products`, or `products.active_version_id` for what is loaded later. */
  name: string;
  table: string;
  columns: string[];
  /** For what is loaded later: the columns that say which row. */
  key: string[];
}

/**
 * Not part of a backup: leases are of running processes, condemned packs are gone, migrations are compared instead.
 * Counts of tries are over within the hour, and a session that was ended since must not come back to life. The counts
 * of downloads come back with the download sessions, whose trigger writes them.
 */
const LEFT_OUT = [
  'worker_leases',
  'condemned_packs',
  'throttles',
  'download_days',
  'download_day_changes',
  'sessions',
  'portal_sessions',
  'portal_codes',
  'kysely_migration',
  'kysely_migration_lock',
];
/** Transactions have other numbers in another server: all events come back in that of the restore, in order of their ids. */
const LEFT_OUT_COLUMNS = ['events.tx'];
/** A product names its active version and a version its product, so the name comes last. */
const LATER = [
  {
    table: 'products',
    column: 'active_version_id',
    key: ['organisation_id', 'id'],
  },
];

/** Every table of schema public, each after those that it references. Rejects when a new circle of references appears. */
export async function loads(client: ClientBase): Promise<Load[]> {
  const columns = await client.query<{ table: string; columns: string[] }>(
    `select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and c.relname <> all ($1)
        and c.relname || '.' || a.attname <> all ($2)
      group by c.relname order by c.relname`,
    [LEFT_OUT, LEFT_OUT_COLUMNS],
  );
  const references = await client.query<{ from: string; to: string }>(
    `select c.relname as from, r.relname as to
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class r on r.oid = k.confrelid
      where k.contype = 'f' and c.relnamespace = 'public'::regnamespace and k.conrelid <> k.confrelid
        and not exists (select from unnest(k.conkey) n join pg_attribute a on a.attrelid = c.oid and a.attnum = n
          where c.relname || '.' || a.attname = any ($1))`,
    [LATER.map(({ table, column }) => `${table}.${column}`)],
  );
  const rest = new Map(columns.rows.map((row) => [row.table, row.columns]));
  const ordered: Load[] = [];
  while (rest.size > 0) {
    const next = [...rest.keys()].find(
      (table) => !references.rows.some((reference) => reference.from === table && rest.has(reference.to)),
    );
    if (next === undefined) throw new Error(`tables reference each other in a circle: ${[...rest.keys()].join(', ')}`);
    const later = LATER.filter(({ table }) => table === next).map(({ column }) => column);
    const now = (rest.get(next) ?? []).filter((column) => !later.includes(column));
    ordered.push({ name: next, table: next, columns: now, key: [] });
    rest.delete(next);
  }
  const last = LATER.map(({ table, column, key }) => ({
    name: `${table}.${column}`,
    table,
    columns: [column],
    key,
  }));
  return [...ordered, ...last];
}

export function copyOut({ table, columns, key }: Load): string {
  const filter = key.length === 0 ? '' : ` where ${columns.map(quote).join(' is not null or ')} is not null`;
  return `copy (select ${[...key, ...columns].map(quote).join(', ')} from ${quote(table)}${filter}) to stdout`;
}

/** What to run before, the COPY, and what to run after. */
export function copyIn({ table, columns, key }: Load): {
  before: string;
  copy: string;
  after: string;
} {
  const list = [...key, ...columns].map(quote).join(', ');
  if (key.length === 0)
    return {
      before: '',
      copy: `copy ${quote(table)} (${list}) from stdin`,
      after: '',
    };
  const target = quote(table);
  return {
    before: `create temporary table later on commit drop as select ${list} from ${target} with no data`,
    copy: `copy later (${list}) from stdin`,
    after: `update ${target} set ${columns.map((name) => `${quote(name)} = later.${quote(name)}`).join(', ')} from later
      where ${key.map((name) => `${target}.${quote(name)} = later.${quote(name)}`).join(' and ')}; drop table later`,
  };
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export async function migrationNames(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name');
  return rows.map((row) => row.name);
}

export interface BlobRow {
  key: string;
  /** Bytes; undefined for an archive index, whose size only the store knows. */
  size: number | undefined;
}

/** Every blob that a row of the database refers to. */
export async function blobs(client: ClientBase): Promise<BlobRow[]> {
  const { rows } = await client.query<{ key: string; size: string | null }>(
    `select 'packs/' || organisation_id || '/' || encode(sha256, 'hex') as key, size from packs
      union select 'manifests/' || organisation_id || '/' || encode(manifest_sha256, 'hex'), manifest_size from versions
      union select 'archives/' || id, null from versions where status = 'ready'
      order by key`,
  );
  return rows.map(({ key, size }) => ({
    key,
    size: size === null ? undefined : Number(size),
  }));
}
