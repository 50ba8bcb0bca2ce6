import { productHash } from '../../src/manifests/product_hash.ts';
import { packSmall } from '../../src/testing/publish_small.ts';
import type { Plan } from '../recipes/plan.ts';

/** What was made so far: its ids, by the name of the parameter that takes them. */
export type Made = Record<string, string>;

export interface Step {
  readonly operation: string;
  readonly plan: (made: Made) => Plan;
  /** Whether its body is sent with each of its constraints broken before. */
  readonly fields?: boolean;
  /** Where in the answer the id of the new thing is, and which parameter takes it. */
  readonly keep?: readonly [name: string, from: (json: Json) => unknown];
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers that the judge has looked at
type Json = any;

const EMAIL = 'contract@example.com';
const at =
  (...names: string[]) =>
  (made: Made): Plan => ({ params: pick(made, names) });
const id = (json: Json): unknown => json?.id;
const wrapped = (json: Json): unknown => json?.response?.id_str;

/** Everything that can be made without mail, money or a runner. */
export function makings(tag: string): Step[] {
  const { pack, manifest } = packSmall({ 'README.txt': `Made by the contract tests: ${tag}\n` });
  const sha256 = manifest.packs[0]?.sha256 ?? '';
  const content = { productHash: productHash(manifest.files), manifest, version: '1.0.0', activate: false };
  const description = 'Made by the contract tests.';
  const step = (operation: string, plan: Step['plan'], more: Partial<Step> = {}): Step => ({
    operation,
    plan,
    ...more,
  });
  const create = (operation: string, plan: Step['plan'], keep: Step['keep'] & object) =>
    step(operation, plan, { fields: true, keep });
  return [
    create('createProduct', () => ({ json: { name: tag, slug: tag } }), ['productId', id]),
    step('updateProduct', (made) => ({ ...at('productId')(made), json: { description } }), { fields: true }),
    step('checkPacks', ({ orgId }) => ({ json: { vendorId: orgId, packHashes: [sha256] } })),
    step('uploadPack', ({ orgId = '' }) => ({ params: { vendorId: orgId, sha256 }, body: pack })),
    step('createManifest', ({ orgId, productId }) => ({ json: { vendorId: orgId, productId, ...content } }), {
      keep: ['versionId', id],
    }),
    step('activateVersion', at('productId', 'versionId')),
    create('generateDownloadUrl', ({ productId }) => ({ json: { productId } }), [
      'token',
      (json) => json?.downloadToken,
    ]),
    step('listDownloadTokens', (made) => ({ query: pick(made, ['productId']) }), {
      keep: ['tokenId', (json) => json?.[0]?.id],
    }),
    step('createDownloadSession', (made) => ({ key: null, query: pick(made, ['token']) }), { keep: ['sessionId', id] }),
    step('updateDownloadSession', (made) => ({
      key: null,
      ...at('sessionId')(made),
      query: pick(made, ['token']),
      json: { status: 'failed' },
    })),
    create('createPurchase', ({ productId }) => ({ json: { productId, customerEmail: EMAIL, sendEmail: false } }), [
      'purchaseId',
      id,
    ]),
    create(
      'createExternalMapping',
      (made) => ({ ...at('productId')(made), json: { vendor: 'fastspring', externalId: tag } }),
      ['mappingId', id],
    ),
    step('updateExternalMapping', (made) => ({
      ...at('productId', 'mappingId')(made),
      json: { externalId: `${tag}-2` },
    })),
    create('createApplication', () => ({ json: { name: tag, redirect_uris: ['https://client.example/callback'] } }), [
      'application_id',
      wrapped,
    ]),
    step('updateApplication', (made) => ({ ...at('application_id')(made), json: { description } })),
    step('rotateApplicationSecret', at('application_id')),
    create(
      'createProject',
      () => ({ json: { name: tag, repository_url: `git@git.example.com:contract/${tag}.git` } }),
      ['project_id', wrapped],
    ),
    step('updateProject', (made) => ({ ...at('project_id')(made), json: { description } })),
    step('refreshHookSecret', at('project_id')),
    create('createSuite', (made) => ({ ...at('project_id')(made), json: { name: tag, command: 'true' } }), [
      'suite_id',
      wrapped,
    ]),
    step('updateSuite', (made) => ({ ...at('project_id', 'suite_id')(made), json: { description } })),
    step('setSuiteSecret', (made) => ({
      params: { ...pick(made, ['project_id', 'suite_id']), name: 'CONTRACT' },
      json: { value: tag },
    })),
    create('createRunner', () => ({ json: { name: tag } }), ['runner_id', wrapped]),
  ];
}

/** Takes away again what can be taken away. */
export const CLEANING: readonly Step[] = [
  { operation: 'revokeRunner', plan: at('runner_id') },
  {
    operation: 'deleteSuiteSecret',
    plan: (made) => ({ params: { ...pick(made, ['project_id', 'suite_id']), name: 'CONTRACT' } }),
  },
  { operation: 'deleteSuite', plan: at('project_id', 'suite_id') },
  { operation: 'deleteProject', plan: at('project_id') },
  { operation: 'deleteApplication', plan: at('application_id') },
  { operation: 'deleteExternalMapping', plan: at('productId', 'mappingId') },
  { operation: 'refundPurchase', plan: at('purchaseId') },
  { operation: 'revokeDownloadToken', plan: at('tokenId') },
  { operation: 'yankVersion', plan: at('productId', 'versionId') },
  { operation: 'archiveProduct', plan: at('productId') },
];

/** Nothing that was not made can be named. */
export class NotMade extends Error {}

function pick(made: Made, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = made[name];
      if (value === undefined) throw new NotMade(name);
      return [name, value];
    }),
  );
}
