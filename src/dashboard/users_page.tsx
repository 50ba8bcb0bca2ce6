import type { InvitationRow } from '../invitations/queries.ts';
import { invitationStatus } from '../invitations/rules.ts';
import { Card, Field, Form, Head, Notice, Radios, Submit, Table, Time, Words } from '../pages/components.tsx';
import type { UserRow } from '../users/queries.ts';
import { ROLES, roleLabel } from './roles.ts';

/** The invitation form as it was sent, and what is wrong with it. */
export interface Invited {
  readonly email: string;
  readonly role: string;
  readonly errors: Readonly<Record<string, string>>;
}

interface Parts {
  readonly rows: readonly UserRow[];
  /** Where the next, older entries start. */
  readonly older: string | undefined;
  /** Id of who looks. */
  readonly own: string;
  readonly invitations: readonly InvitationRow[];
  readonly invited: Invited | undefined;
  readonly now: Date;
  readonly csrf: string;
}

export function UsersPage({ rows, older, own, invitations, invited, now, csrf }: Parts) {
  return (
    <>
      <Head title="Users" about="Who works for your organisation, and what they may do." />
      {invited && <Notice kind="bad">Nobody was invited yet. Please look at the fields below.</Notice>}
      <Card>
        <Table caption="Users" columns={USERS} rows={rows.map((row) => userCells(row, own))} />
        {older !== undefined && (
          <p>
            <a href={`/dashboard/users?before=${older}`}>Older users</a>
          </p>
        )}
      </Card>
      {invitations.length > 0 && (
        <Card title="Invitations">
          <Table
            caption="Invitations that nobody has accepted yet"
            columns={INVITATIONS}
            rows={invitations.map((row) => invitationCells(row, now, csrf))}
          />
        </Card>
      )}
      <Invite invited={invited} csrf={csrf} />
    </>
  );
}

const USERS = [{ label: 'User' }, { label: 'Role' }, { label: 'Since' }, { label: '' }];
const INVITATIONS = [{ label: 'Address' }, { label: 'Role' }, { label: 'Works until' }, { label: '' }];

function userCells({ id, email, name, role, created_at }: UserRow, own: string) {
  return [
    <>
      {name !== null && (
        <>
          <strong>
            <Words>{name}</Words>
          </strong>
          <br />
        </>
      )}
      <Words>{email}</Words> {id === own && <span class="tag">You</span>}
    </>,
    <span class="whole">{roleLabel(role)}</span>,
    <Time at={created_at} />,
    <a class="button quiet small" href={`/dashboard/users/${id}`}>
      Change<span class="unseen"> {email}</span>
    </a>,
  ];
}

function invitationCells(row: InvitationRow, now: Date, csrf: string) {
  const path = `/dashboard/invitations/${row.id}`;
  return [
    <Words>{row.email}</Words>,
    <span class="whole">{roleLabel(row.role)}</span>,
    invitationStatus(row, now) === 'expired' ? <span class="bad">Expired</span> : <Time at={row.expires_at} />,
    <div class="choices">
      <Form action={`${path}/resend`} csrf={csrf}>
        <Submit kind="quiet" small what={`the invitation of ${row.email}`}>
          Send again
        </Submit>
      </Form>
      <Form action={`${path}/withdraw`} csrf={csrf}>
        <Submit kind="danger" small what={`the invitation of ${row.email}`}>
          Withdraw
        </Submit>
      </Form>
    </div>,
  ];
}

function Invite({ invited, csrf }: Pick<Parts, 'invited' | 'csrf'>) {
  const errors = invited?.errors ?? {};
  return (
    <Card title="Invite somebody">
      <p class="soft">They get a link by e-mail with which they choose a password. It works once, for seven days.</p>
      <Form action="/dashboard/invitations" csrf={csrf}>
        <Field
          name="email"
          label="E-mail address"
          type="email"
          value={invited?.email}
          error={errors['email']}
          maxLength={254}
          required
        />
        <Radios name="role" label="Role" value={invited?.role ?? 'member'} error={errors['role']} choices={ROLES} />
        <div class="choices">
          <Submit>Send the invitation</Submit>
        </div>
      </Form>
    </Card>
  );
}
