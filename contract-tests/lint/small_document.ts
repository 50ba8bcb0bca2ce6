/** File name → content (JSON is YAML). */
export type Documents = Record<string, unknown>;

const requestId = { 'Request-Id': { $ref: '../shared/headers/RequestId.yaml' } };
const refused = { description: 'Refused.', headers: requestId };
const body = (name: string) => ({ schema: { $ref: `schemas/${name}.yaml` }, example: { name: 'a' } });

const script = { schema: { type: 'string', maxLength: 9 }, example: 'f({})' };
const parameter = (name: string) => ({ name, in: 'query', schema: { type: 'string', maxLength: 9 }, example: 'f' });

/** One path with two operations that break no house rule. */
export function smallDocument(): Documents {
  return structuredClone({
    'openapi.yaml': {
      openapi: '3.0.3',
      info: { title: 'Small', version: '1.0.0' },
      paths: { '/things': { $ref: 'things/things.yaml' } },
    },
    'shared/headers/RequestId.yaml': {
      description: 'Names the exchange.',
      required: true,
      schema: { type: 'string', maxLength: 64 },
      example: 'a',
    },
    'shared/parameters/Callback.yaml': parameter('callback'),
    'shared/parameters/CacheBuster.yaml': parameter('_'),
    'things/things.yaml': {
      get: {
        operationId: 'listThings',
        tags: ['things'],
        summary: 'List things',
        description: 'All of them.',
        security: [{ oauth2: ['things'] }, { oauthToken: [] }, { apiKey: [] }, { basic: [] }],
        'x-surface': 'delivery',
        'x-role': 'member',
        'x-error-codes': {
          '400': ['invalid_format', 'unknown_field'],
          '401': ['unauthorized', 'account_suspended'],
          '403': ['insufficient_scope'],
          '500': ['internal_server_error'],
        },
        parameters: [
          { name: 'q', in: 'query', schema: { type: 'string', maxLength: 9 }, example: 'a' },
          { $ref: '../shared/parameters/Callback.yaml' },
          { $ref: '../shared/parameters/CacheBuster.yaml' },
        ],
        responses: {
          '200': {
            description: 'Things.',
            headers: requestId,
            content: { 'application/json': body('Thing'), 'application/javascript': script },
          },
          '400': refused,
          '401': refused,
          '403': refused,
          '500': refused,
        },
      },
      post: {
        operationId: 'createThing',
        tags: ['things'],
        summary: 'Create a thing',
        description: 'Another one.',
        security: [],
        'x-surface': 'platform',
        'x-body': 'json',
        'x-max-body': 1048576,
        'x-error-codes': {
          '400': ['invalid_json'],
          '403': ['unknown_field'],
          '413': ['payload_too_large'],
          '415': ['unsupported_media_type'],
          '500': ['internal_server_error'],
        },
        requestBody: { content: { 'application/json': body('ThingCreate') } },
        responses: {
          '201': { description: 'The thing.', headers: requestId, content: { 'application/json': body('Thing') } },
          '400': refused,
          '403': refused,
          '413': refused,
          '415': refused,
          '500': refused,
        },
      },
    },
    'things/schemas/Thing.yaml': {
      title: 'Thing',
      type: 'object',
      properties: {
        name: { type: 'string', maxLength: 9 },
        size: { type: 'integer', format: 'int64', minimum: 0, maximum: 100, example: 10 },
        tags: { type: 'array', maxItems: 3, items: { type: 'string', maxLength: 9 } },
        part: { $ref: 'Part.yaml' },
      },
    },
    'things/schemas/ThingCreate.yaml': {
      title: 'ThingCreate',
      type: 'object',
      additionalProperties: false,
      properties: { name: { type: 'string', maxLength: 9 }, inner: { $ref: 'PartCreate.yaml' } },
    },
    'things/schemas/Part.yaml': { title: 'Part', type: 'object' },
    'things/schemas/PartCreate.yaml': { title: 'PartCreate', type: 'object', additionalProperties: false },
  });
}
