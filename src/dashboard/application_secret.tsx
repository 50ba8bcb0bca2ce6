import type { WithSecret } from '../applications/actions.ts';
import { Card, Head, Notice, Secret, Words } from '../pages/components.tsx';
import type { PageAnswer } from './page.ts';

/** Answers a form with what its owner must copy: client ID and, if it has one, the secret. Only this answer shows it. */
export function secretPage({ row, secret }: WithSecret, title: string, publicUrl: string): PageAnswer {
  return {
    title,
    current: '/dashboard/applications',
    script: true,
    content: (
      <>
        <Head title={title} about={<Words>{row.name}</Words>} />
        {secret !== undefined && (
          <Notice kind="good">Copy the secret and store it safely: it is shown now and never again.</Notice>
        )}
        <Card>
          <Secret id="client_id" label="Client ID" value={row.id} />
          {secret !== undefined && <Secret id="client_secret" label="Client secret" value={secret} />}
          {secret === undefined && (
            <p class="note">A public application has no secret. It must use PKCE (S256) with the code flow.</p>
          )}
          <dl>
            <Endpoints publicUrl={publicUrl} />
          </dl>
          <div class="choices">
            <a class="button" href={`/dashboard/applications/${row.id}`}>
              {secret === undefined ? 'Go to the application' : 'I have stored the secret'}
            </a>
          </div>
        </Card>
      </>
    ),
  };
}

/** What an OAuth2 library asks for besides; entries of a list. */
export function Endpoints({ publicUrl }: { readonly publicUrl: string }) {
  return (
    <>
      <dt>Authorize URL</dt>
      <dd>
        <code>{publicUrl}/oauth2/authorize</code>
      </dd>
      <dt>Token URL</dt>
      <dd>
        <code>{publicUrl}/oauth2/access_token</code>
      </dd>
    </>
  );
}
