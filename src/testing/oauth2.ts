import type { TestApplication } from './applications.ts';
import type { Answer, TestClient } from './client.ts';

/** `client_id:client_secret` as RFC 6749 §2.3.1 wants it. */
export function basicOf({ clientId, clientSecret = '' }: TestApplication): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')}`;
}

/** Posts a form as OAuth clients do; text is sent as it is. */
export function postForm(
  client: TestClient,
  path: string,
  form: Readonly<Record<string, string>> | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
  return client.post(path, { body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });
}
