import { productHash } from '../../src/manifests/product_hash.ts';
import { COMMIT } from '../../src/testing/builds.ts';
import { packSmall, sha256 } from '../../src/testing/publish_small.ts';
import { type Tenant, unique, type World } from '../world.ts';
import { freshRequest, freshRunner, onTask } from './leases.ts';
import type { Happy, Plan, Recipe, Recipes } from './plan.ts';

const onBuild =
  (more: (world: World, tenant: Tenant) => Plan = () => ({})): Happy =>
  async (world, tenant) => {
    const [plan, own] = [await onTask(world, tenant, 'build'), more(world, tenant)];
    return { ...plan, ...own, params: { ...plan.params, ...own.params } };
  };

const contentOf = (manifest: Tenant['base']['manifest']['manifest']) => ({
  product_hash: productHash(manifest.files),
  manifest,
});

const calls: Readonly<Record<string, Happy>> = {
  extendLease: onBuild(),
  resolveRef: async (world, tenant) => ({ ...(await onTask(world, tenant, 'resolve')), json: { commit: COMMIT } }),
  appendLog: onBuild(() => ({ query: { offset: '0' }, body: Buffer.from('npm test\n') })),
  checkTaskPacks: onBuild((_world, { base }) => ({ json: { pack_hashes: [base.pack.sha256] } })),
  uploadTaskPack: onBuild(() => {
    const body = Buffer.from(`\u0000${unique('pack')}`);
    return { params: { sha256: sha256(body) }, body };
  }),
  createArtifact: onBuild((_world, { base }) => ({ json: contentOf(base.manifest.manifest) })),
  finishTask: onBuild(() => ({ json: { exit_code: 0 } })),
};

const withHeaders =
  (alter: (headers: Readonly<Record<string, string>>) => Readonly<Record<string, string>>): Recipe =>
  async ({ world, happy }) => {
    const plan = await happy(world.main);
    return { ...plan, headers: alter(plan.headers ?? {}) };
  };

/** A task of another organisation. */
const ofOthers: Recipe = async ({ world, happy }) => ({
  ...(await happy(world.foreign)),
  key: (await freshRunner(world, world.main)).token,
});

/** What is wrong with a lease is wrong with every call about a task. */
const special = Object.fromEntries(
  Object.keys(calls).flatMap((id): [string, Recipe][] => [
    [`${id} 403 is_blank`, withHeaders(() => ({}))],
    [`${id} 403 invalid_format`, withHeaders((headers) => ({ ...headers, Fence: 'x' }))],
    [`${id} 404 not_found`, ofOthers],
    [`${id} 409 conflict`, withHeaders((headers) => ({ ...headers, Fence: '9' }))],
  ]),
);

export const runner: Recipes = {
  happy: {
    ...calls,
    leaseTask: async (world, tenant) => {
      await freshRequest(world, tenant);
      return { key: (await freshRunner(world, tenant)).token, json: { wait_seconds: 0 } };
    },
    listRunners: async (world, tenant) => {
      await freshRunner(world, tenant);
      return {};
    },
    createRunner: () => ({ json: { name: unique('runner') } }),
    revokeRunner: async (world, tenant) => ({ params: { runner_id: (await freshRunner(world, tenant)).id } }),
  },
  special: {
    ...special,
    'leaseTask 403 is_blank': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { kinds: [] },
    }),
    'leaseTask 403 invalid_format': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { kinds: ['anything'] },
    }),
    'createArtifact 409 conflict': async ({ world, happy }) => {
      const { manifest } = packSmall({ 'other.txt': 'Nobody uploaded this.\n' });
      return { ...(await happy(world.main)), json: contentOf(manifest) };
    },
  },
};
