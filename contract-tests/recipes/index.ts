import { documented } from '../../src/testing/document.ts';
import type { Entry } from '../transactions.ts';
import type { Tenant, World } from '../world.ts';
import { analytics } from './analytics.ts';
import { applications } from './applications.ts';
import { collaborators } from './collaborators.ts';
import { downloadTokens } from './download_tokens.ts';
import { downloads } from './downloads.ts';
import { buildRequests } from './build_requests.ts';
import { builds } from './builds.ts';
import { byCode, byStatus, keyFor } from './generic.ts';
import { externalMappings } from './external_mappings.ts';
import { hooks } from './hooks.ts';
import { firehose } from './firehose.ts';
import { integrations } from './integrations.ts';
import { invitations } from './invitations.ts';
import { mails } from './mails.ts';
import { manifests } from './manifests.ts';
import { oauth2 } from './oauth2.ts';
import { packs } from './packs.ts';
import type { Case, Happy, Plan, Recipe } from './plan.ts';
import { portal } from './portal.ts';
import { products } from './products.ts';
import { projects } from './projects.ts';
import { purchases } from './purchases.ts';
import { reports } from './reports.ts';
import { runner } from './runner.ts';
import { suites } from './suites.ts';
import { users } from './users.ts';
import { versions } from './versions.ts';
import { webhooks } from './webhooks.ts';

const byTag = [
  analytics,
  applications,
  buildRequests,
  builds,
  collaborators,
  downloadTokens,
  downloads,
  externalMappings,
  firehose,
  hooks,
  integrations,
  invitations,
  mails,
  manifests,
  oauth2,
  packs,
  portal,
  products,
  projects,
  purchases,
  reports,
  runner,
  suites,
  users,
  versions,
  webhooks,
];
const happy: Readonly<Record<string, Happy>> = Object.assign({}, ...byTag.map((recipes) => recipes.happy));
const special: Readonly<Record<string, Recipe>> = Object.assign({}, ...byTag.map((recipes) => recipes.special));

/** A successful request in the tenant's organisation, with the key of the least role that may make it. */
export async function happyPlan(world: World, tenant: Tenant, operation: Case['operation']): Promise<Plan> {
  const plan = (await happy[operation.id]?.(world, tenant)) ?? {};
  return { key: keyFor(tenant, operation.operation), ...plan };
}

/** The most special recipe there is: for `id status code type`, `id status code`, `id status`, the code, the status. */
export async function planFor(world: World, entry: Entry): Promise<Plan> {
  const { operation, key } = entry;
  const words = key.split(' ');
  const names = [4, 3, 2].map((count) => words.slice(0, count).join(' '));
  const name = names.find((one) => special[one]);
  const recipe = name === undefined ? (byCode[entry.code] ?? byStatus[entry.status]) : special[name];
  if (!recipe) throw new Error(`no recipe for ${key}`);
  const plan = await recipe({ world, entry, operation, happy: (tenant) => happyPlan(world, tenant, operation) });
  // Where the document offers several forms of an answer, the client chooses (RFC 9110 §12.5.1).
  const offered = operation.statuses.get(entry.status)?.mediaTypes ?? [];
  return offered.length > 1 ? { ...plan, headers: { Accept: entry.mediaType, ...plan.headers } } : plan;
}

/** Recipes for what the document no longer has. */
export function strayRecipes(keys: readonly string[]): string[] {
  const ids = new Set(documented.map(({ id }) => id));
  return [
    ...Object.keys(happy).filter((id) => !ids.has(id)),
    ...Object.keys(special).filter((name) => !keys.some((key) => `${key} `.startsWith(`${name} `))),
  ];
}
