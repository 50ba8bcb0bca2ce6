import type { OpenAPIV3 } from 'openapi-types';
import { addSamples } from '../samples/add_samples.ts';
import { SERVER_URL } from '../server_url.ts';
import { tagTitle } from './operations.ts';

/** The bundle as others get it: all that differs is where the server is. */
export function servedDocument(bundle: OpenAPIV3.Document): OpenAPIV3.Document {
  return { ...bundle, servers: [{ url: SERVER_URL, description: 'This server' }] };
}

/** What the reference shows: the guides above it, names of tags for people, and samples of code. */
export function shownDocument(bundle: OpenAPIV3.Document, markdown: string): OpenAPIV3.Document {
  const tags = (bundle.tags ?? []).map((tag) => ({ ...tag, 'x-displayName': tagTitle(tag.name) }));
  const shown = structuredClone({ ...servedDocument(bundle), info: { ...bundle.info, description: markdown }, tags });
  Object.assign(codeFlowOf(shown) ?? {}, CODE_FLOW);
  return addSamples(shown);
}

/** How the reference gets a token: with PKCE, and naming the application in the body, as one without a secret has to. */
const CODE_FLOW = { 'x-usePkce': 'SHA-256', 'x-scalar-credentials-location': 'body' };

function codeFlowOf({ components }: OpenAPIV3.Document) {
  const scheme = components?.securitySchemes?.['oauth2'];
  return scheme && 'flows' in scheme ? scheme.flows.authorizationCode : undefined;
}
