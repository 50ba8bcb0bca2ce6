import type { components } from '../../generated/types.ts';
import type { Handler, Handlers } from './handler.ts';

/*
 * What must not compile. `npm run typecheck` fails where one of these lines does, since its @ts-expect-error is then
 * unused. No line of this file ever runs.
 */

const url: components['schemas']['DownloadUrl'] = {
  success: true,
  productId: 'epic-drums-v1',
  version: '1.0.0',
  downloadToken: 'a'.repeat(64),
  downloadUrl: 'https://example.com/',
  expiresAt: '2026-04-02T00:00:00.000Z',
};
const { success: _success, ...urlWithoutSuccess } = url;
const product = {} as components['schemas']['Product'];
const Location = 'https://example.com/';

export const right: Handler<'generateDownloadUrl'> = (_req, reply) => reply(200, { body: url });
export const rightCreated: Handler<'createProduct'> = (_req, reply) =>
  reply(201, { headers: { Location }, body: product });

// @ts-expect-error an undocumented status
export const undocumentedStatus: Handler<'ping'> = (_req, reply) => reply(202, { body: { response: 'pong' } });

// @ts-expect-error an error status: errors leave through fail()
export const errorStatus: Handler<'getWhoami'> = (_req, reply) => reply(401, { body: { error: {} } });

// @ts-expect-error the body of another operation
export const wrongBody: Handler<'generateDownloadUrl'> = (_req, reply) => reply(200, { body: { response: 'pong' } });

// @ts-expect-error a missing property
export const missingProperty: Handler<'generateDownloadUrl'> = (_req, reply) => reply(200, { body: urlWithoutSuccess });

export const wrongType: Handler<'generateDownloadUrl'> = (_req, reply) =>
  // @ts-expect-error a property of the wrong type
  reply(200, { body: { ...url, expiresAt: new Date() } });

export const surplusProperty: Handler<'getWhoami'> = (_req, reply) =>
  // @ts-expect-error a surplus property
  reply(200, { body: { response: { email: 'a@example.com', role: 'owner' } } });

// @ts-expect-error a success without its body
export const missingBody: Handler<'ping'> = (_req, reply) => reply(200);

// @ts-expect-error a required header left out
export const missingHeader: Handler<'createProduct'> = (_req, reply) => reply(201, { body: product });

export const unknownHeader: Handler<'ping'> = (_req, reply) =>
  // @ts-expect-error a header that the document does not know
  reply(200, { headers: { 'X-Pong': '1' }, body: { response: 'pong' } });

export const wrongMedia: Handler<'getDownloadArchive'> = (_req, reply) =>
  // @ts-expect-error an undocumented media type
  reply(200, { type: 'application/gzip', headers: { ETag: '"1"' }, body: Buffer.alloc(0) });

// @ts-expect-error no reply at all
export const noReply: Handler<'ping'> = () => undefined;

export const roundedId: Handler<'getUser'> = (_req, reply) =>
  // @ts-expect-error a 64-bit id as a number, which would round it
  reply(200, { body: { response: { ...({} as User), id: 1 } } });
type User = components['schemas']['User'];

export const noPrincipal: Handler<'ping'> = (req, reply) => {
  // @ts-expect-error a public operation has no caller
  req.principal.userId;
  return reply(200, { body: { response: 'pong' } });
};

export const unknownParameter: Handler<'getProduct'> = (req, reply) => {
  // @ts-expect-error a path parameter that the path does not have
  req.path.versionId;
  return reply(200, { body: { product } });
};

export const unknownField: Handler<'createProduct'> = (req, reply) => {
  // @ts-expect-error a field that the request body does not have
  req.body.price;
  return reply(201, { headers: { Location }, body: product });
};

const all = {} as Handlers;
const { ping: _ping, ...withoutPing } = all;

// @ts-expect-error an operation without a handler
withoutPing satisfies Handlers;

// @ts-expect-error a handler without an operation
({ ...all, getPrices: all.ping }) satisfies Handlers;
