import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { Failure, fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { hashSecret } from '../users/principal.ts';
import { authenticateClient } from './client.ts';
import type { ClientCredentials } from './client_credentials.ts';
import { refusable } from './failure.ts';
import { type ClientRow, type CodeRow, deleteTokensOfCode, lockCode } from './queries.ts';
import { checkCode } from './rules.ts';
import { createServer } from './server.ts';

type Needs = Pick<Deps, 'db' | 'ids' | 'clock' | 'config'>;
type Form = Readonly<Record<string, string>>;

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly scope: string;
}

/** Exchanges an authorization code for an access token (RFC 6749 §4.1.3). Fails with the errors of §5.2. */
export async function exchangeCode(needs: Needs, credentials: ClientCredentials, form: Form): Promise<TokenAnswer> {
  const { grant_type: grantType, code } = form;
  const missing = (name: string) => fail('invalid_request', { description: `${name} is missing.` });
  if (grantType === undefined) throw missing('grant_type');
  if (grantType !== 'authorization_code') throw fail('unsupported_grant_type');
  const answer = await inTransaction(needs.db, (tx) =>
    refusable(async () => {
      const client = await authenticateClient(tx, credentials);
      if (code === undefined) throw missing('code');
      return exchange(tx, needs, client, { ...form, code });
    }),
  );
  if (answer instanceof Failure) throw answer;
  return answer;
}

async function exchange(
  tx: Transaction<DB>,
  needs: Needs,
  client: ClientRow,
  form: Form & { code: string },
): Promise<TokenAnswer> {
  const code = await takeCode(tx, needs, client, form);
  const grantor = { userId: code.user_id, organisationId: code.organisation_id };
  const server = createServer({ tx, deps: needs, client, grantor, code });
  // An omitted redirect URI was judged already; the library would ask for it.
  const body = { ...form, redirect_uri: code.redirect_uri };
  const response = await server.respondToAccessTokenRequest({ headers: {}, query: {}, body });
  return response.body as unknown as TokenAnswer;
}

/** The code, good and locked. One that was used before takes back what it gave (RFC 6749 §4.1.2). */
async function takeCode(
  tx: Transaction<DB>,
  needs: Needs,
  client: ClientRow,
  form: Form & { code: string },
): Promise<CodeRow> {
  const code = await lockCode(tx, client.id, hashSecret(form.code));
  if (!code) throw fail('invalid_grant');
  if (code.used_at !== null) {
    await undo(tx, needs, client, code);
    throw fail('invalid_grant', { description: 'The code was used before; what it gave is revoked.' });
  }
  checkCode(code, form, needs.clock());
  return code;
}

async function undo(tx: Transaction<DB>, { ids }: Needs, client: ClientRow, code: CodeRow): Promise<void> {
  const revoked = await deleteTokensOfCode(tx, code.authorization_id, code.id);
  const { organisation_id: organisationId, user_id: userId } = code;
  const data = { application_id: client.id, revoked_tokens: String(revoked) };
  await recordEvent(tx, { id: ids.next(), organisationId, type: 'authorization_code.replayed', userId, data });
}
