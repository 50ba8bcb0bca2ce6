import type { Hot, Statement } from '../db/hot.ts';
import type { EventRow } from '../events/queries.ts';
import { isAfter, parseSnapshot, type Position, type Snapshot } from './position.ts';

/** Events that are read at once. */
export const PAGE = 200;

/** The state of things, and the transaction of the event $2, where it is one of the organisation $1. */
const MOMENT: Statement = {
  name: 'firehose_moment',
  text: `select pg_current_snapshot()::text as snapshot,
    (select tx::text from events where organisation_id = $1 and id = $2::bigint) as tx`,
};

export interface Moment {
  readonly snapshot: Snapshot;
  /** Of the event that was asked for; undefined where there is none. */
  readonly event: Position | undefined;
}

export async function readMoment(hot: Hot, organisationId: string, eventId: string | undefined): Promise<Moment> {
  const [row] = await hot.query<{ snapshot: string; tx: string | null }>(MOMENT, [organisationId, eventId ?? null]);
  if (!row) throw new Error('the statement answers a row');
  const event = row.tx === null || eventId === undefined ? undefined : { tx: BigInt(row.tx), id: BigInt(eventId) };
  return { snapshot: parseSnapshot(row.snapshot), event };
}

/**
 * Events after a position, in order. Ids are made before they commit, so that one may appear behind those that were read;
 * of transactions before the oldest that is under way (in any database of the server) nothing more can appear. What has
 * committed since is `held` back: nobody will tell when its turn comes.
 */
const EVENTS: Statement = {
  name: 'firehose_events',
  text: `with horizon as materialized (
    select least(pg_snapshot_xmin(pg_current_snapshot()), $4::xid8) as tx)
  select h.tx::text as horizon, exists (
      select from events where organisation_id = $1 and (tx, id) > ($2::xid8, $3::bigint) and tx >= h.tx and tx < $4::xid8)
    as held, e.*
  from horizon h left join lateral (
    select id, tx::text as event_tx, type, user_id, data, created_at from events
    where organisation_id = $1 and (tx, id) > ($2::xid8, $3::bigint) and tx < h.tx
    order by tx, id limit ${PAGE}) e on true
  order by e.event_tx::xid8, e.id`,
};

export type PlacedRow = EventRow & { readonly position: Position };

export interface Page {
  readonly rows: readonly PlacedRow[];
  /** Everything up to it has been read. */
  readonly position: Position;
  /** There is more to read. */
  readonly more: boolean;
  /** There is more that cannot be read yet. */
  readonly held: boolean;
}

interface Row extends EventRow {
  readonly horizon: string;
  readonly held: boolean;
  readonly event_tx: string;
}

/** Beyond every transaction. */
export const NEVER = 2n ** 64n - 1n;

/** A page of events after a position, of transactions before `until` alone. */
export async function readEvents(
  hot: Hot,
  organisationId: string,
  after: Position,
  until: bigint = NEVER,
): Promise<Page> {
  const values = [organisationId, after.tx, after.id, until];
  const found = await hot.query<{ [K in keyof Row]: Row[K] | null }>(EVENTS, values);
  const [first] = found;
  if (!first) throw new Error('the statement answers a row');
  const rows = (first.id === null ? [] : (found as readonly Row[])).map(placed);
  const last = rows.at(-1);
  const more = rows.length === PAGE;
  const horizon = { tx: BigInt(first.horizon ?? 0), id: 0n };
  const read = more && last ? last.position : horizon;
  return { rows, position: isAfter(after, read) ? after : read, more, held: first.held === true };
}

function placed({ id, event_tx, type, user_id, data, created_at }: Row): PlacedRow {
  return { id, type, user_id, data, created_at, position: { tx: BigInt(event_tx), id: BigInt(id) } };
}

const NEWS: Statement = {
  name: 'firehose_news',
  text: `select f.id from unnest($1::text[], $2::text[], $3::bigint[]) as f (id, tx, event_id)
    where exists (select from events where organisation_id = f.id and (tx, id) > (f.tx::xid8, f.event_id))`,
};

/** Those of the organisations that have events after a position, readable or held. */
export async function findNews(
  hot: Hot,
  places: readonly { readonly id: string; readonly after: Position }[],
): Promise<string[]> {
  const column = <T>(of: (place: (typeof places)[number]) => T) => places.map(of);
  const values = [
    column(({ id }) => id),
    column(({ after }) => String(after.tx)),
    column(({ after }) => String(after.id)),
  ];
  return (await hot.query<{ id: string }>(NEWS, values)).map(({ id }) => id);
}
