import type { AuthorizationRequest } from '@jmondi/oauth2-server';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { Failure, fail } from '../errors/fail.ts';
import type { Parameters } from '../http/form.ts';
import { clientById } from './client.ts';
import { refusable } from './failure.ts';
import { type ClientRow, lockClient } from './queries.ts';
import { answerUri, chooseRedirectUri, OUT_OF_BAND } from './redirect_uri.ts';
import { checkChallenge, readScopes } from './rules.ts';
import { isScope, type Scope } from './scopes.ts';
import { createServer } from './server.ts';
import type { Exchange, Grantor } from './store.ts';

type Needs = Pick<Deps, 'db' | 'ids' | 'clock' | 'config'>;

/** Where the answer to an authorization request may go. */
export interface Destination {
  readonly client: ClientRow;
  readonly redirectUri: string;
}

/** A request that the user may be asked about. */
export interface Question extends Destination {
  readonly scopes: readonly Scope[];
}

/** What the browser does next: follow the redirect, or show a page because the redirect is none (out of band). */
export type Answer = Immediate | { readonly code: string; readonly applicationName: string };
type Immediate = { readonly redirect: string } | { readonly refused: Failure };

/** The parameters that are judged once it is known where the answer goes. */
const KNOWN = ['response_type', 'scope', 'state', 'code_challenge', 'code_challenge_method'];

/** All that this server knows; others are ignored (RFC 6749 §3.1), also one that is named as a field of our own form. */
export const REQUEST_PARAMETERS: readonly string[] = ['client_id', 'redirect_uri', ...KNOWN];

/**
 * Finds the application and the redirect URI. A failure here is for the user's eyes: redirecting would make this server an
 * open redirector (RFC 9700 §4.11). `invalid_client`, `invalid_request`, or `resource_temporary_unavailable` while the
 * application's organisation is suspended.
 */
export async function findDestination<Db extends Kysely<DB>>(
  db: Db,
  { values, broken }: Parameters,
  find?: (db: Db, id: string) => Promise<ClientRow | undefined>,
): Promise<Destination> {
  const { client_id: clientId, redirect_uri: requested } = values;
  if (clientId === undefined || broken.has('redirect_uri')) throw fail('invalid_request');
  const client = await clientById(db, clientId, find);
  if (!client) throw fail('invalid_client');
  const redirectUri = chooseRedirectUri(client.redirect_uris, requested);
  if (redirectUri === undefined) throw fail('invalid_request');
  if (client.suspended) throw fail('resource_temporary_unavailable');
  return { client, redirectUri };
}

/** Judges the rest of the request: what to ask the user, or the answer that the client gets at once. */
export async function readQuestion(needs: Needs, parameters: Parameters): Promise<Question | { answer: Immediate }> {
  return inTransaction(needs.db, async (tx) => {
    const destination = await findDestination(tx, parameters);
    const exchange = { tx, deps: needs, client: destination.client };
    const request = await refusable(() => readRequest(exchange, destination, parameters));
    if (request instanceof Failure) return { answer: refuse(needs, destination, parameters, request) };
    return { ...destination, scopes: request.scopes.map(({ name }) => name).filter(isScope) };
  });
}

/**
 * What the user decided. Everything is judged again, since a form can be changed: what was asked may differ by now. An
 * approval is kept, with the code or token that the answer carries, in one transaction.
 */
export async function decide(
  needs: Needs,
  parameters: Parameters,
  grantor: Grantor,
  approved: boolean,
): Promise<Answer> {
  return inTransaction(needs.db, async (tx) => {
    const destination = await findDestination(tx, parameters, lockClient);
    const redirectUriSent = parameters.values['redirect_uri'] !== undefined;
    const exchange = { tx, deps: needs, client: destination.client, grantor, redirectUriSent };
    const location = await refusable(async () => {
      const request = await readRequest(exchange, destination, parameters);
      if (!approved) throw fail('access_denied');
      return complete(exchange, request);
    });
    if (location instanceof Failure) return refuse(needs, destination, parameters, location);
    if (destination.redirectUri !== OUT_OF_BAND) return { redirect: location };
    const code = new URL(location).searchParams.get('code') ?? '';
    return { code, applicationName: destination.client.name };
  });
}

/** RFC 6749 §4.1.1 and §4.2.1. Fails with what the client is told. */
async function readRequest(
  exchange: Exchange,
  { client, redirectUri }: Destination,
  { values, broken }: Parameters,
): Promise<AuthorizationRequest> {
  const wrong = KNOWN.find((name) => broken.has(name));
  if (wrong !== undefined)
    throw fail('invalid_request', { description: `${wrong} was sent twice, is too long, or is no text.` });
  const { response_type: type, scope } = values;
  if (type === undefined) throw fail('invalid_request', { description: 'response_type is missing.' });
  if (type !== 'code' && type !== 'token') throw fail('unsupported_response_type');
  // A token never stands on a page to be copied.
  if (type === 'token' && (!client.implicit || redirectUri === OUT_OF_BAND)) throw fail('unauthorized_client');
  if (type === 'code') checkChallenge(client.confidential, values);
  const query = { ...values, redirect_uri: redirectUri, scope: readScopes(scope).join(' ') };
  return createServer(exchange).validateAuthorizationRequest({ headers: {}, body: {}, query });
}

async function complete(exchange: Exchange, request: AuthorizationRequest): Promise<string> {
  request.user = { id: exchange.grantor?.userId ?? '' };
  request.isAuthorizationApproved = true;
  const response = await createServer(exchange).completeAuthorizationRequest(request);
  return response.get('location');
}

/** Tells the client why not (RFC 6749 §4.1.2.1, §4.2.2.1). */
function refuse({ config }: Needs, { redirectUri }: Destination, { values }: Parameters, refused: Failure): Immediate {
  if (redirectUri === OUT_OF_BAND) return { refused };
  const { code: error, description: error_description } = refused;
  const { state, response_type: type } = values;
  const parameters = { error, error_description, state, iss: config.publicUrl };
  return { redirect: answerUri(redirectUri, parameters, type === 'token' ? 'fragment' : 'query') };
}
