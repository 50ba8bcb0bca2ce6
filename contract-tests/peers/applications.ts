import { call } from './call.ts';
import type { Site } from './site.ts';

export interface Application {
  clientId: string;
  /** Empty for a public one. */
  clientSecret: string;
}

/** What `POST /applications` is given. */
export interface Registration {
  name: string;
  redirect_uris: string[];
  confidential: boolean;
  implicit?: boolean;
}

/** Registers an application as an integrator's script would, with the administrator's API key. */
export async function createApplication(site: Site, registration: Registration): Promise<Application> {
  const answer = await call(site, 'POST', '/applications', { key: site.marco.apiKey, json: registration });
  if (answer.status !== 201) throw new Error(`POST /applications: ${answer.status} ${answer.text}`);
  const { response } = JSON.parse(answer.text) as { response: { client_id: string; client_secret?: string | null } };
  return { clientId: response.client_id, clientSecret: response.client_secret ?? '' };
}
