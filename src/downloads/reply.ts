import type { Pour } from '../http/handler.ts';

/** How a stored representation is answered: as a whole, in part, or not again because the client has it. */
export type Answer<Headers> =
  | { readonly status: 200; readonly headers: Headers; readonly pour: Pour }
  | { readonly status: 206; readonly headers: Headers & { 'Content-Range': string }; readonly pour: Pour }
  | { readonly status: 304; readonly headers: { ETag: string } };

/** The `reply` of an operation that documents all three. */
interface StoredReply<Type, Headers, Done> {
  (status: 206, parts: { type: Type; headers: Headers & { 'Content-Range': string }; body: Pour }): Done;
  (status: 304, parts: { headers: { ETag: string } }): Done;
  (status: 200, parts: { type: Type; headers: Headers; body: Pour }): Done;
}

export function replyWith<Type extends string, Headers, Done>(
  reply: StoredReply<Type, Headers, Done>,
  type: Type,
  answer: Answer<Headers>,
): Done {
  if (answer.status === 304) return reply(304, { headers: answer.headers });
  if (answer.status === 206) return reply(206, { type, headers: answer.headers, body: answer.pour });
  return reply(200, { type, headers: answer.headers, body: answer.pour });
}
