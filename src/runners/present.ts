import type { components } from '../../generated/types.ts';
import type { RegisteredRunner } from './actions.ts';
import type { RunnerRow } from './queries.ts';

export function presentRunner(row: RunnerRow): components['schemas']['Runner'] {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    name: row.name,
    created_at: row.created_at.toISOString(),
    ...(row.last_seen_at === null ? {} : { last_seen_at: row.last_seen_at.toISOString() }),
  };
}

export function presentWithToken({ row, token }: RegisteredRunner): components['schemas']['RunnerWithToken'] {
  return { id: BigInt(row.id), id_str: row.id, name: row.name, token, created_at: row.created_at.toISOString() };
}
