import type { components } from '../../generated/types.ts';
import type { RequestWithBuilds } from './queries.ts';

type BuildRequest = components['schemas']['BuildRequest'];
type BuildInShort = BuildRequest['builds'][number];

export function presentBuildRequest(row: RequestWithBuilds): BuildRequest {
  const version = row.published_version_id;
  return {
    id: BigInt(row.id),
    id_str: row.id,
    project_id: BigInt(row.project_id),
    project_id_str: row.project_id,
    source: row.source as BuildRequest['source'],
    ref: row.ref,
    ...(row.commit_id === null ? {} : { commit_id: BigInt(row.commit_id), commit_id_str: row.commit_id }),
    state: row.state as BuildRequest['state'],
    ...(row.result === null ? {} : { result: row.result as NonNullable<BuildRequest['result']> }),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.message === null ? {} : { message: row.message }),
    ...publishOf(row),
    ...(version === null ? {} : { published_version_id: BigInt(version), published_version_id_str: version }),
    builds: row.builds.map(({ id, name, state }) => ({
      id: BigInt(id),
      id_str: id,
      name,
      state: state as BuildInShort['state'],
    })),
    ...(row.retry_of === null ? {} : { retry_of: BigInt(row.retry_of), retry_of_str: row.retry_of }),
    created_at: row.created_at.toISOString(),
    ...(row.finished_at === null ? {} : { finished_at: row.finished_at.toISOString() }),
  };
}

function publishOf(row: RequestWithBuilds): Pick<BuildRequest, 'publish'> {
  const { publish_product_id: product_id, publish_version: version, publish_activate: activate } = row;
  return product_id === null || version === null ? {} : { publish: { product_id, version, activate } };
}
