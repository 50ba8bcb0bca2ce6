import type { Handler } from '../http/handler.ts';

/* What must not compile, see src/http/handler.typetest.ts: an error that has a page leaves as that page alone. */

export const page: Handler<'getDownload'> = (_req, reply) => reply(404, { type: 'text/html', body: '<!doctype html>' });

export const json: Handler<'getDownload'> = (_req, reply) =>
  // @ts-expect-error the JSON of an error leaves through fail()
  reply(404, { body: { error: { token: ['not_found'] } } });

// @ts-expect-error an error without a page
export const noPage: Handler<'getDownload'> = (_req, reply) => reply(416, { type: 'text/html', body: '' });

// @ts-expect-error a page of another operation
export const otherPage: Handler<'getDownloadArchive'> = (_req, reply) => reply(404, { type: 'text/html', body: '' });

// @ts-expect-error a page without its body
export const noBody: Handler<'getDownload'> = (_req, reply) => reply(410);
