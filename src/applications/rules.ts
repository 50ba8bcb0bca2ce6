import { type FieldErrors, failFields } from '../errors/fail.ts';
import { checkRedirectUri } from '../oauth2/redirect_uri.ts';

export interface ApplicationText {
  readonly name?: string | undefined;
  readonly redirect_uris?: readonly string[] | undefined;
}

/** Throws every field that fails beyond what the document's schema says; a field that is absent stays as it is. */
export function requireValid({ name, redirect_uris: uris = [] }: ApplicationText): void {
  const failing: FieldErrors = {};
  if (name?.trim() === '') failing['name'] = ['is_blank'];
  uris.forEach((uri, index) => {
    if (checkRedirectUri(uri) !== undefined || uris.indexOf(uri) < index)
      failing[`redirect_uris.${index}`] = ['invalid_format'];
  });
  if (Object.keys(failing).length > 0) throw failFields(failing);
}
