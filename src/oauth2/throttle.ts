import type { IncomingMessage } from 'node:http';
import type { Deps } from '../deps.ts';
import { Failure } from '../errors/fail.ts';
import { clientAddress } from '../http/transport.ts';
import { parseId } from '../ids/parse.ts';
import { addressBlock } from '../throttles/address_block.ts';
import { type ClientCredentials, readClientCredentials } from './client_credentials.ts';

/** Requests of one client from one address are counted together; clients that cannot exist as one. */
export function throttleKey(clientId: string, address: string): string {
  return `${parseId(clientId) ?? 'none'} ${addressBlock(address)}`;
}

/**
 * Does `work` with the credentials of the request unless the client has failed too often lately (`slow_down`). It counts
 * as a failure beforehand, so that many guesses at once are as many; a success is taken off again.
 */
export async function asClient<T>(
  { throttles, config }: Pick<Deps, 'throttles' | 'config'>,
  request: IncomingMessage,
  form: Readonly<Record<string, string>>,
  work: (credentials: ClientCredentials) => Promise<T>,
): Promise<T> {
  const credentials = readClientCredentials(request.headers.authorization, form);
  const key = throttleKey(credentials.clientId, clientAddress(request, config.trustProxy));
  await throttles.tokenEndpoint.take(key);
  try {
    const done = await work(credentials);
    await throttles.tokenEndpoint.give(key);
    return done;
  } catch (error) {
    if (credentials.clientSecret !== undefined && !isGuess(error)) await throttles.tokenEndpoint.give(key);
    throw error;
  }
}

/** A client that proved its secret is no guesser: whoever sends junk codes to its callback must not stop it. */
function isGuess(error: unknown): boolean {
  return !(error instanceof Failure) || error.code === 'invalid_client';
}
