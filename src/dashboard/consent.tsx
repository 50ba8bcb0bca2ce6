import { decide, type Question, REQUEST_PARAMETERS } from '../oauth2/authorization.ts';
import { formActionOf, OUT_OF_BAND, redirectHost } from '../oauth2/redirect_uri.ts';
import { describeScope } from '../oauth2/scopes.ts';
import { Failure } from '../errors/fail.ts';
import { type Parameters, parseParameters } from '../http/form.ts';
import { Form, Submit, Words } from '../pages/components.tsx';
import { deadRequest, isDeadRequest } from './dead_request.tsx';
import { copyCode, refusedOutOfBand } from './oob.tsx';
import { type PageAnswer, type PageRequest, type PageUser, post } from './page.ts';

const PATH = '/dashboard/authorize';

/** What the user answers to `consentPage`. The request comes with the form and is judged again from its first letter. */
export const consent = [post(PATH, 'member', answer)];

async function answer({ deps, form, user }: PageRequest): Promise<PageAnswer> {
  // Of two answers none is taken for the user's.
  const approved = form.getAll('decision').join(' ') === 'approve';
  try {
    const decided = await decide(deps, parseParameters(form.toString()), user, approved);
    if ('redirect' in decided) return decided;
    return 'code' in decided ? copyCode(decided) : refusedOutOfBand(decided.refused);
  } catch (thrown) {
    if (thrown instanceof Failure && isDeadRequest(thrown)) return deadRequest(thrown);
    throw thrown;
  }
}

interface Parts {
  readonly question: Question;
  readonly parameters: Parameters;
  readonly user: PageUser;
  readonly csrf: string;
  /** The address of this page, for who wants to come back to it as somebody else. */
  readonly here: string;
}

/** Asks whether the application may. Showing it grants nothing. */
export function consentPage(parts: Parts): PageAnswer {
  const { client, redirectUri } = parts.question;
  return {
    title: `Allow ${client.name} access?`,
    solo: true,
    formAction: formActionOf(redirectUri),
    content: (
      <>
        <h1>
          Allow <Words>{client.name}</Words> access?
        </h1>
        <Wish {...parts} />
        <Decision {...parts} />
        <OtherAccount {...parts} />
      </>
    ),
  };
}

function Wish({ question, user }: Parts) {
  const { client, redirectUri, scopes } = question;
  return (
    <>
      <p>
        An application of <Words>{client.organisation_name}</Words> would like to:
      </p>
      <ul>
        {scopes.map((scope) => (
          <li>{describeScope(scope)}</li>
        ))}
      </ul>
      <dl>
        <dt>Your account</dt>
        <dd>
          <Words>{user.email}</Words>
        </dd>
        <dt>Then you go on to</dt>
        <dd>
          <Destination uri={redirectUri} />
        </dd>
      </dl>
      <p class="soft note">
        It can never do more than your role ({user.role}) allows. You can revoke it at any time in your settings.
      </p>
    </>
  );
}

/** Neither a scheme of a program's own nor a loopback address (RFC 8252 §7). */
const isSite = (uri: string): boolean => /^https?:\/\/(?!127\.0\.0\.1[:/]|\[::1\])/.test(uri);

function Destination({ uri }: { readonly uri: string }) {
  if (uri === OUT_OF_BAND) return <>a page with a code to copy</>;
  const host = <Words>{redirectHost(uri)}</Words>;
  return isSite(uri) ? host : <>a program on this device ({host})</>;
}

function Decision({ parameters, csrf }: Parts) {
  return (
    <Form action={PATH} csrf={csrf}>
      {REQUEST_PARAMETERS.filter((name) => name in parameters.values).map((name) => (
        <input type="hidden" name={name} value={parameters.values[name]} />
      ))}
      <div class="choices">
        <Submit name="decision" value="approve">
          Allow
        </Submit>
        <Submit kind="quiet" name="decision" value="deny">
          Deny
        </Submit>
      </div>
    </Form>
  );
}

function OtherAccount({ csrf, here }: Parts) {
  return (
    <section>
      <Form action="/dashboard/sign-out" csrf={csrf}>
        <input type="hidden" name="return_to" value={here} />
        <Submit kind="quiet" small>
          Use another account
        </Submit>
      </Form>
    </section>
  );
}
