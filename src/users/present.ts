import type { components } from '../../generated/types.ts';
import type { UserRow } from './queries.ts';

export function presentUser(row: UserRow): components['schemas']['User'] {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    email: row.email,
    ...(row.name === null ? {} : { name: row.name }),
    role: row.role as components['schemas']['User']['role'],
    organisation_id: row.organisation_id,
    organisation_name: row.organisation_name,
    created_at: row.created_at.toISOString(),
  };
}
