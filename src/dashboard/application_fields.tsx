import { Checkbox, Field, TextArea } from '../pages/components.tsx';
import type { Typed } from './application_form.ts';
import { type Errors, typedInto } from './typed.ts';

interface Parts {
  readonly typed: Typed;
  readonly errors: Errors;
}

/** Name and description. */
export function NamingFields({ typed, errors }: Parts) {
  const field = typedInto(errors);
  return (
    <>
      <Field
        {...field('name', typed.name)}
        label="Name"
        hint="People read it when your application asks for access."
        maxLength={100}
        required
      />
      <TextArea {...field('description', typed.description)} label="Description (optional)" rows={3} maxLength={1000} />
    </>
  );
}

/** Where people are sent back to, and how tokens get there. */
export function FlowFields({ typed, errors }: Parts) {
  const field = typedInto(errors);
  return (
    <>
      <TextArea
        {...field('redirect_uris', typed.redirectUris)}
        label="Redirect URIs, one per line"
        hint={
          <>
            People are sent back to one of these. For a command-line program use <code>urn:ietf:wg:oauth:2.0:oob</code>,
            and people copy a code into it; or <code>http://127.0.0.1/callback</code>, which works with any port.
          </>
        }
        rows={4}
        required
      />
      <Checkbox
        name="implicit"
        label="Allow the implicit flow"
        hint="Old and less safe: access tokens show in the address bar and stay in browser histories. Leave it off unless your program needs it; the code flow with PKCE works in browsers, too."
        checked={typed.implicit}
      />
    </>
  );
}
