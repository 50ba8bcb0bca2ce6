import type { OpenAPIV3 } from 'openapi-types';

import { addSamples } from '../samples/add_samples.ts';
import { SERVER_URL } from '../server_url.ts';
import { tagTitle } from './operations.ts';

/** The bundle as others get it: all that differs is where the server is. */
export function servedDocument(bundle: OpenAPIV3.Document): OpenAPIV3.Document {
  return { ...bundle, servers: [{ url: SERVER_URL, description: 'This server' }] };
}

/** What the reference shows: names of tags for people, and samples of code. */
export function shownDocument(bundle: OpenAPIV3.Document): OpenAPIV3.Document {
  const tags = (bundle.tags ?? []).map((tag) => ({ ...tag, 'x-displayName': tagTitle(tag.name) }));
  const shown = structuredClone({ ...servedDocument(bundle), tags });
  Object.assign(codeFlowOf(shown) ?? {}, CODE_FLOW);
  for (const content of contentsOf(shown)) if (content['application/json']) delete content['application/javascript'];
  return addSamples(shown);
}

/** JSON-P has a guide of its own: in front of every answer it is noise, and a choice inside of the button that unfolds it. */
function contentsOf({ paths }: OpenAPIV3.Document) {
  return Object.values(paths)
    .flatMap((item) => Object.values(item ?? {}) as OpenAPIV3.OperationObject[])
    .flatMap(({ responses }) => Object.values(responses ?? {}))
    .flatMap((response) => ('content' in response && response.content ? [response.content] : []));
}

/** How the reference gets a token: with PKCE, and naming the application in the body, as one without a secret has to. */
const CODE_FLOW = { 'x-usePkce': 'SHA-256', 'x-scalar-credentials-location': 'body' };

function codeFlowOf({ components }: OpenAPIV3.Document) {
  const scheme = components?.securitySchemes?.['oauth2'];
  return scheme && 'flows' in scheme ? scheme.flows.authorizationCode : undefined;
}
