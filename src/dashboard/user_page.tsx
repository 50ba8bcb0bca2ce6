import { Card, Form, Head, Notice, Radios, Submit, Time, Words } from '../pages/components.tsx';
import type { UserRow } from '../users/queries.ts';
import { ROLES } from './roles.ts';

interface Parts {
  readonly row: UserRow;
  /** Whether it is who looks. */
  readonly own: boolean;
  readonly csrf: string;
}

/** One user: role, and the way out. */
export function UserPage({ row, own, csrf, refused }: Parts & { readonly refused: string | undefined }) {
  const path = `/dashboard/users/${row.id}`;
  return (
    <>
      <Head
        title={<Words>{row.name ?? row.email}</Words>}
        about={row.name === null ? undefined : <Words>{row.email}</Words>}
      />
      {refused !== undefined && <Notice kind="bad">{refused}</Notice>}
      <Card title="Role">
        <p class="soft">
          {own ? 'You have' : 'They have'} been a user since <Time at={row.created_at} />. A new role counts at once,
          for the API key and for applications too.
        </p>
        <Form action={path} csrf={csrf}>
          <Radios name="role" label="Role" value={row.role} choices={ROLES} />
          <div class="choices">
            <Submit>Save</Submit>
            <a href="/dashboard/users">Cancel</a>
          </div>
        </Form>
      </Card>
      <Card title={own ? 'Leave the organisation' : 'Remove'}>
        <p>The account ends. What it made stays: products, versions, download links.</p>
        <div class="choices">
          <a class="button danger" href={`${path}/remove`}>
            {own ? 'Remove your own account' : 'Remove this user'}
          </a>
        </div>
      </Card>
    </>
  );
}

export function ConfirmRemoval({ row, own, csrf }: Parts) {
  const path = `/dashboard/users/${row.id}`;
  return (
    <>
      <Head title={own ? 'Remove your own account?' : 'Remove the user?'} about={<Words>{row.email}</Words>} />
      <Card>
        <p>
          {own ? 'You are' : 'They are'} signed out everywhere at once. The API key stops working, and so does every
          application that acts for {own ? 'you' : 'them'}. This cannot be undone; a new invitation makes a new account.
        </p>
        <Form action={`${path}/remove`} csrf={csrf}>
          <div class="choices">
            <Submit kind="final">Remove</Submit>
            <a href={path}>Cancel</a>
          </div>
        </Form>
      </Card>
    </>
  );
}
