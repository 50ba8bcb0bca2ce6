import type { ApplicationRow } from '../applications/queries.ts';
import { Card, Form, Head, Notice, Secret, Submit, Time, Words } from '../pages/components.tsx';
import { FlowFields, NamingFields } from './application_fields.tsx';
import type { Typed } from './application_form.ts';
import type { Errors } from './typed.ts';
import { Endpoints } from './application_secret.tsx';

interface Parts {
  readonly row: ApplicationRow;
  readonly typed: Typed;
  readonly errors: Errors;
  readonly csrf: string;
  readonly publicUrl: string;
}

/** One application: what its program needs, its form, and what cannot be undone. */
export function ApplicationPage({ row, typed, errors, csrf, publicUrl }: Parts) {
  const path = `/dashboard/applications/${row.id}`;
  return (
    <>
      <Head
        title={<Words>{row.name}</Words>}
        about={row.confidential ? 'Confidential application' : 'Public application'}
      />
      {Object.keys(errors).length > 0 && (
        <Notice kind="bad">Nothing was changed yet. Please look at the fields below.</Notice>
      )}
      <Card title="For your program">
        <Secret id="client_id" label="Client ID" value={row.id} />
        <dl>
          <dt>Client secret</dt>
          <dd>
            <SecretState row={row} />
          </dd>
          <Endpoints publicUrl={publicUrl} />
        </dl>
        {row.confidential && (
          <div class="choices">
            <a class="button quiet" href={`${path}/rotate-secret`}>
              Make a new secret
            </a>
          </div>
        )}
      </Card>
      <Card title="Settings">
        <Form action={path} csrf={csrf}>
          <NamingFields typed={typed} errors={errors} />
          <FlowFields typed={typed} errors={errors} />
          <div class="choices">
            <Submit>Save</Submit>
          </div>
        </Form>
      </Card>
      <Card title="Delete">
        <p>Everything that people granted this application ends with it.</p>
        <div class="choices">
          <a class="button danger" href={`${path}/delete`}>
            Delete this application
          </a>
        </div>
      </Card>
    </>
  );
}

function SecretState({ row }: { readonly row: ApplicationRow }) {
  if (row.secret_created_at === null) return <>None: a public application proves itself with PKCE (S256).</>;
  return (
    <>
      Made on <Time at={row.secret_created_at} />. It cannot be shown again.
    </>
  );
}
