import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createConfig, lint } from '@redocly/openapi-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import plugin from '../../openapi/rules/plugin.mjs';
import { type Documents, smallDocument } from './small_document.ts';

const house = plugin();
const names = Object.keys(house.rules.oas3);
let folder = '';
let documents = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function violations(files: Documents): Promise<string[]> {
  documents += 1;
  const root = join(folder, String(documents));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), JSON.stringify(content));
  }
  const rules = Object.fromEntries(names.map((name) => [`house/${name}`, 'error' as const]));
  const config = await createConfig({ plugins: [house], rules });
  const problems = await lint({ ref: join(root, 'openapi.yaml'), config });
  return [...new Set(problems.map((problem) => problem.ruleId.replace('house/', '')))].sort();
}

/** Puts value at a JSON pointer that starts with a file of the small document; undefined removes. */
function edit(files: Documents, pointer: string, value: unknown): void {
  const [file = '', path = ''] = pointer.split('#/');
  const keys = path === '' ? [] : path.split('/').map((key) => key.replaceAll('~1', '/'));
  let at: Documents = files;
  for (const key of [file, ...keys].slice(0, -1)) at = at[key] as Documents;
  const last = keys.at(-1) ?? file;
  if (value === undefined) delete at[last];
  else at[last] = value;
}

const get = 'things/things.yaml#/get';
const post = 'things/things.yaml#/post';
const thing = 'things/schemas/Thing.yaml#';
const header = 'shared/headers/RequestId.yaml#';
const json = 'content/application~1json';
const bytes = { type: 'string', format: 'binary' };
const idempotencyKey = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 9 } };
const answer = { description: 'Things.', headers: { 'Request-Id': { $ref: '../shared/headers/RequestId.yaml' } } };

/** what must speak up, when these values stand at these pointers */
const broken: [rules: string, edits: Record<string, unknown>][] = [
  ['bounds', { [`${thing}/properties/name/maxLength`]: undefined }],
  ['bounds', { [`${thing}/properties/size/minimum`]: undefined }],
  ['bounds', { [`${thing}/properties/size/maximum`]: 2 ** 63 }],
  ['bounds', { [`${thing}/properties/size/format`]: undefined }],
  ['bounds', { [`${thing}/properties/size/type`]: 'number' }],
  ['bounds', { [`${thing}/properties/tags/maxItems`]: undefined }],
  ['closed-requests', { 'things/schemas/ThingCreate.yaml#/additionalProperties': undefined }],
  ['closed-requests', { 'things/schemas/PartCreate.yaml#/additionalProperties': undefined }],
  ['closed-requests', { [`${post}/requestBody/${json}/schema/$ref`]: 'schemas/Part.yaml' }],
  [
    'component-names',
    {
      'things/schemas/ListThingsResponse.yaml': { title: 'ListThingsResponse', type: 'object' },
      [`${get}/responses/200/${json}/schema/$ref`]: 'schemas/ListThingsResponse.yaml',
    },
  ],
  ['exact-statuses', { [`${get}/responses/default`]: answer }],
  ['exact-statuses operation-error-codes', { [`${get}/responses/4XX`]: answer }],
  ['header-examples', { [`${header}/example`]: undefined }],
  ['header-examples', { [`${header}/required`]: undefined }],
  ['int64-examples', { [`${thing}/properties/size/example`]: 12 }],
  ['json-gets-take-callback', { [`${get}/parameters/1`]: { ...idempotencyKey, name: 'x' } }],
  ['json-gets-take-callback', { [`${get}/responses/200/content/application~1javascript`]: undefined }],
  ['json-gets-take-callback', { [`${get}/responses/200/${json}`]: undefined }],
  ['media-examples', { [`${get}/responses/200/${json}/example`]: undefined }],
  ['media-examples', { [`${post}/requestBody/${json}/example`]: undefined }],
  ['named-schemas', { [`${thing}/title`]: 'Other' }],
  ['named-schemas', { [`${thing}/properties/inner`]: { type: 'object' } }],
  ['no-default-in-bodies', { 'things/schemas/ThingCreate.yaml#/properties/name/default': 'a' }],
  ['no-nullable', { [`${thing}/properties/part/nullable`]: true }],
  ['no-nullable', { [`${thing}/nullable`]: true }],
  [
    'one-error-schema',
    {
      [`${get}/responses/400`]: {
        ...answer,
        content: { 'application/json': { schema: { $ref: 'schemas/Thing.yaml' }, example: { name: 'a' } } },
      },
      [`${get}/responses/401`]: {
        ...answer,
        content: { 'text/plain': { schema: { type: 'string', maxLength: 9 }, example: 'a' } },
      },
    },
  ],
  [
    'one-request-media-type',
    { [`${post}/requestBody/content/text~1plain`]: { schema: { type: 'string', maxLength: 9 }, example: 'a' } },
  ],
  ['one-success-schema', { [`${get}/responses/204`]: answer }],
  [
    'one-success-schema',
    {
      [`${get}/responses/201`]: {
        ...answer,
        content: { 'text/csv': { schema: { type: 'string', maxLength: 9 }, example: 'a' } },
      },
    },
  ],
  ['operation-body-marks', { [`${post}/x-body`]: undefined }],
  ['operation-body-marks', { [`${post}/x-max-body`]: undefined }],
  ['operation-body-marks', { [`${post}/requestBody`]: undefined, [`${post}/x-body`]: undefined }],
  ['operation-body-marks', { [`${post}/requestBody`]: undefined }],
  ['operation-body-marks', { [`${post}/responses/415`]: undefined, [`${post}/x-error-codes/415`]: undefined }],
  ['operation-described', { [`${get}/description`]: '' }],
  ['operation-described', { [`${post}/summary`]: 'List things' }],
  ['operation-described', { 'things/things.yaml#/summary': 'Things' }],
  ['operation-error-codes operation-standard-codes', { [`${get}/x-error-codes`]: undefined }],
  ['operation-error-codes', { [`${get}/x-error-codes/404`]: ['not_found'] }],
  ['operation-error-codes', { [`${get}/responses/500`]: undefined }],
  ['operation-error-codes', { [`${get}/x-error-codes/404`]: [], [`${get}/responses/404`]: answer }],
  ['operation-error-codes', { [`${get}/responses/404`]: answer }],
  ['operation-id-verb', { [`${get}/operationId`]: 'thingsList' }],
  ['operation-id-verb', { [`${get}/operationId`]: 'list_things' }],
  ['operation-idempotency', { [`${post}/x-idempotent`]: true }],
  ['operation-idempotency', { [`${post}/parameters`]: [idempotencyKey] }],
  ['operation-one-tag', { [`${get}/tags`]: ['others'] }],
  ['operation-one-tag', { [`${get}/tags`]: ['things', 'others'] }],
  ['operation-role', { [`${get}/x-role`]: undefined }],
  ['operation-role operation-standard-codes', { [`${get}/security`]: [] }],
  ['operation-role operation-security operation-standard-codes', { [`${get}/security`]: undefined }],
  ['operation-role operation-security operation-standard-codes', { [`${get}/security/4`]: { portalToken: [] } }],
  ['operation-role operation-standard-codes', { [`${get}/security`]: [{ portalToken: [] }] }],
  ['operation-security', { [`${post}/security`]: undefined }],
  ['operation-security', { [`${get}/security/1`]: { apiKey: [] } }],
  ['operation-security', { [`${get}/security/0`]: { oauth2: [] } }],
  ['operation-security operation-standard-codes', { [`${get}/security/0`]: { apiKey: [] } }],
  ['operation-standard-codes', { [`${get}/x-error-codes/403`]: ['insufficient_role'] }],
  ['operation-standard-codes', { [`${get}/x-error-codes/401`]: ['unauthorized'] }],
  ['operation-standard-codes', { [`${get}/x-error-codes/400`]: ['is_blank'] }],
  ['operation-standard-codes', { [`${get}/x-role`]: 'admin' }],
  ['operation-standard-codes', { [`${post}/x-credentials`]: 'body' }],
  ['operation-standard-codes', { [`${post}/x-error-codes/400`]: ['conflict'] }],
  ['operation-standard-codes', { [`${post}/x-error-codes/500`]: ['unavailable'] }],
  ['operation-surface', { [`${get}/x-surface`]: undefined }],
  ['parameter-examples', { [`${get}/parameters/0/example`]: undefined }],
  ['parameter-examples', { [`${get}/parameters/0/in`]: 'path', [`${get}/parameters/0/name`]: 'thing-id' }],
  ['path-is-one-ref', { 'openapi.yaml#/paths/~1things': {} }],
  ['plain-parameters', { [`${get}/parameters/0/in`]: 'cookie' }],
  ['plain-parameters', { [`${get}/parameters/0/content`]: {} }],
  ['request-id-everywhere', { [`${get}/responses/200/headers`]: undefined }],
  ['responses-without-composition', { [`${thing}/oneOf`]: [] }],
  ['responses-without-composition', { 'things/schemas/Part.yaml#/allOf': [] }],
  ['text-media', { [`${get}/responses/400/content`]: { 'text/html': { schema: bytes, example: 'a' } } }],
];

describe('house rules', () => {
  test('a good document breaks none', async () => {
    expect(await violations(smallDocument())).toEqual([]);
  });

  test.each(broken)('%s speaks up: %j', async (rules, edits) => {
    const files = smallDocument();
    for (const [pointer, value] of Object.entries(edits)) edit(files, pointer, value);
    expect(await violations(files)).toEqual(rules.split(' '));
  });

  test('each rule is proved to fail', () => {
    expect([...new Set(broken.flatMap(([rules]) => rules.split(' ')))].sort()).toEqual([...names].sort());
  });
});
