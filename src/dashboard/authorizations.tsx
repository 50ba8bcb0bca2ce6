import { revoke } from '../authorizations/actions.ts';
import { type AuthorizationRow, listAuthorizationRows } from '../authorizations/queries.ts';
import { describeScope, isScope } from '../oauth2/scopes.ts';
import { Card, Form, Head, Submit, Time, Words } from '../pages/components.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';

const PATH = '/dashboard/authorizations';

/** What the user granted to applications, of whichever organisation. */
export const authorizations = [
  get(PATH, 'member', list),
  post(`${PATH}/{id}/revoke`, 'member', async ({ deps, user, params }) => {
    await revoke(deps.db, deps, user, params['id'] ?? '');
    return { redirect: `${PATH}?done=authorization_revoked` };
  }),
];

async function list({ deps, user, csrf }: PageRequest): Promise<PageAnswer> {
  const rows = await listAuthorizationRows(deps.db, user.userId);
  return {
    title: 'Authorizations',
    current: PATH,
    content: (
      <>
        <Head title="Authorizations" about="Applications that may act for you, within what your role allows." />
        {rows.length === 0 && (
          <Card>
            <p class="empty soft">You have granted nothing to any application.</p>
          </Card>
        )}
        {rows.map((row) => (
          <Authorization row={row} csrf={csrf} />
        ))}
      </>
    ),
  };
}

function Authorization({ row, csrf }: { readonly row: AuthorizationRow; readonly csrf: string }) {
  const scopes = row.scopes.filter(isScope);
  return (
    <section class="card">
      <h2>
        <Words>{row.name}</Words>
      </h2>
      <p class="soft">
        of <Words>{row.organisation_name}</Words>, since <Time at={row.created_at} />
      </p>
      {row.description !== '' && (
        <p>
          <Words>{row.description}</Words>
        </p>
      )}
      <ul>
        {scopes.map((scope) => (
          <li>{describeScope(scope)}</li>
        ))}
      </ul>
      <div class="choices">
        <Form action={`${PATH}/${row.id}/revoke`} csrf={csrf}>
          <Submit kind="danger" what={row.name}>
            Revoke
          </Submit>
        </Form>
        <span class="soft note">Each of its access tokens stops working at once.</span>
      </div>
    </section>
  );
}
