import type { components } from '../../generated/types.ts';
import type { WithSecret } from './actions.ts';
import type { ApplicationRow } from './queries.ts';

type Application = components['schemas']['Application'];

export function presentApplication(row: ApplicationRow): Application {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    client_id: row.id,
    name: row.name,
    description: row.description,
    confidential: row.confidential,
    redirect_uris: row.redirect_uris,
    implicit: row.implicit,
    ...(row.secret_created_at === null ? {} : { secret_created_at: row.secret_created_at.toISOString() }),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

export function presentWithSecret({ row, secret }: WithSecret): components['schemas']['ApplicationWithSecret'] {
  return { ...presentApplication(row), ...(secret === undefined ? {} : { client_secret: secret }) };
}
