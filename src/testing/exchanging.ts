import { expect } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { createCode, createTestApplication, type TestApplication } from './applications.ts';
import type { Answer } from './client.ts';
import { postForm } from './oauth2.ts';
import { startTestServer, type TestServer } from './server.ts';

export const PATH = '/oauth2/access_token';
export const CALLBACK = 'https://client.example/callback';
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

export type Form = Record<string, string>;

export function without(form: Form, name: string): Form {
  const { [name]: _left, ...rest } = form;
  return rest;
}

export const secretOf = ({ clientId, clientSecret = '' }: TestApplication) => ({
  client_id: clientId,
  client_secret: clientSecret,
});

export function expectError(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.json.error]).toEqual([status, error]);
  expect(answer.headers['cache-control']).toBe('no-store');
  // RFC 6749 §5.2
  expect(answer.json.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401);
}

type CodeOptions = Parameters<typeof createCode>[3];

/** A user, and applications with codes of that user's to exchange. */
export interface Exchanging {
  readonly server: TestServer;
  readonly user: NewAccount;
  readonly confidential: TestApplication;
  /** A public one. */
  readonly open: TestApplication;
  post(form: Form | string, headers?: Form): Promise<Answer>;
  newCode(options?: CodeOptions, application?: TestApplication): Promise<string>;
  /** A form that the confidential application gets a token for. */
  formFor(options?: CodeOptions): Promise<Form & { code: string; redirect_uri: string }>;
  /** The same of the public one. */
  publicForm(): Promise<Form>;
}

export async function openExchanging(): Promise<Exchanging> {
  const server = await startTestServer();
  const user = await server.createAccount('member');
  const maker = await server.createAccount('admin');
  const confidential = await createTestApplication(server.deps, maker);
  const open = await createTestApplication(server.deps, maker, { public: true });
  const newCode: Exchanging['newCode'] = (options = {}, application = confidential) =>
    createCode(server.deps, user, application, options);
  const formOf = (code: string) => ({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
  return {
    ...{ server, user, confidential, open, newCode },
    post: (form, headers = {}) => postForm(server.client, PATH, form, headers),
    formFor: async (options = {}) => ({ ...formOf(await newCode(options)), ...secretOf(confidential) }),
    publicForm: async () => ({
      ...formOf(await newCode({ verifier: VERIFIER }, open)),
      client_id: open.clientId,
      code_verifier: VERIFIER,
    }),
  };
}
