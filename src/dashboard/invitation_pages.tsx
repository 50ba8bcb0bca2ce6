import type { InvitationRow } from '../invitations/queries.ts';
import { Field, Form, Notice, Submit, Words } from '../pages/components.tsx';
import { NewPasswordFields } from './new_password.tsx';
import { ROLES, roleLabel } from './roles.ts';

interface Parts {
  readonly invitation: InvitationRow;
  readonly csrf: string;
}

/** Who invites into what, and the form that makes the account. */
export function Accept(
  props: Parts & {
    readonly token: string;
    readonly name: string | undefined;
    readonly errors: Readonly<Record<string, string>>;
  },
) {
  const { invitation, token, csrf, name, errors } = props;
  return (
    <>
      <h1>
        Join <Words>{invitation.organisation_name}</Words>
      </h1>
      {Object.keys(errors).length > 0 && <Notice kind="bad">Please look at the fields below.</Notice>}
      <Told invitation={invitation} />
      <Form action="/dashboard/invitations/accept" csrf={csrf}>
        <input type="hidden" name="token" value={token} />
        <Field
          name="name"
          label="Your name"
          value={name}
          error={errors['name']}
          autocomplete="name"
          maxLength={100}
          required
        />
        <NewPasswordFields email={invitation.email} errors={errors} />
        <div class="choices">
          <Submit>Create the account</Submit>
        </div>
      </Form>
    </>
  );
}

/** Accepting makes an account, which is not the one that this browser is signed in to. */
export function AcceptElsewhere({ invitation, csrf, email }: Parts & { readonly email: string }) {
  return (
    <>
      <h1>
        Join <Words>{invitation.organisation_name}</Words>
      </h1>
      <Told invitation={invitation} />
      <p>
        You are signed in as <Words>{email}</Words>. The invitation makes an account of its own: sign out, then open the
        link again.
      </p>
      <Form action="/dashboard/sign-out" csrf={csrf}>
        <div class="choices">
          <Submit>Sign out</Submit>
          <a href="/dashboard">Stay signed in</a>
        </div>
      </Form>
    </>
  );
}

function Told({ invitation: { inviter_name, inviter_email, role, email } }: Pick<Parts, 'invitation'>) {
  const inviter = inviter_name ?? inviter_email;
  const may = ROLES.find(({ value }) => value === role)?.hint;
  return (
    <>
      <p>
        {inviter === null ? 'You are invited' : <Words>{inviter}</Words>}
        {inviter === null ? '' : ' invites you'} as <strong>{roleLabel(role)}</strong>. {may}
      </p>
      <p class="soft">
        You will sign in as <Words>{email}</Words>.
      </p>
    </>
  );
}

/** Links that lead nowhere, by what became of them. */
export const DEAD = {
  not_found: dead(404, 'There is no such invitation', 'Open the link as it stands in the mail; it may have been cut.'),
  used_up: dead(
    410,
    'This invitation is over',
    'It was accepted or withdrawn, or a newer mail took its place. If you accepted it, sign in.',
  ),
  expired: dead(410, 'This invitation has expired', 'Ask whoever invited you for a new one.'),
  already_taken: dead(
    410,
    'There is an account already',
    'The address got an account after it was invited, and an account belongs to one organisation. Sign in with it.',
  ),
};

function dead(status: number, title: string, sentence: string) {
  const content = (
    <>
      <h1>{title}</h1>
      <p>{sentence}</p>
      <p class="note">
        <a href="/dashboard/sign-in">Sign in</a>
      </p>
    </>
  );
  return { status, title, content };
}
