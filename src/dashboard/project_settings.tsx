import { Card, Form, Head, Notice, Secret, Submit, Words } from '../pages/components.tsx';
import type { ProjectRow } from '../projects/queries.ts';
import { FormKey, STALE } from './form_key.tsx';
import { KnownHosts, ProjectFields } from './project_fields.tsx';
import type { TypedProject } from './project_form.ts';
import type { Errors } from './typed.ts';

interface Parts {
  readonly row: ProjectRow;
  readonly csrf: string;
}

interface SettingsParts extends Parts {
  readonly typed: TypedProject;
  readonly errors: Errors;
  readonly admin: boolean;
}

const pathOf = ({ id }: ProjectRow): string => `/dashboard/projects/${id}`;

export function SettingsPage({ row, typed, errors, admin, csrf }: SettingsParts) {
  const path = pathOf(row);
  return (
    <>
      <Head title="Project settings" about={<Words>{row.name}</Words>}>
        <a href={path}>Back to the project</a>
      </Head>
      {Object.keys(errors).length > 0 && (
        <Notice kind="bad">Nothing was changed yet. Please look at the fields below.</Notice>
      )}
      <Card>
        <Form action={`${path}/settings`} csrf={csrf}>
          <ProjectFields typed={typed} errors={errors} />
          <KnownHosts typed={typed} errors={errors} />
          <div class="choices">
            <Submit>Save</Submit>
          </div>
        </Form>
      </Card>
      {admin && (
        <Card title="Delete">
          <p>Its suites, build requests and logs go with it. What it has published stays.</p>
          <div class="choices">
            <a class="button danger" href={`${path}/delete`}>
              Delete this project
            </a>
          </div>
        </Card>
      )}
    </>
  );
}

export function ConfirmDeletion({ row, csrf }: Parts) {
  return (
    <>
      <Head title="Delete the project?" about={<Words>{row.name}</Words>} />
      <Card>
        <p>
          Its key, suites, secrets, build requests and logs are deleted, and what runs is stopped. What it has published
          stays. This cannot be undone.
        </p>
        <Form action={`${pathOf(row)}/delete`} csrf={csrf}>
          <div class="choices">
            <Submit kind="final">Delete for good</Submit>
            <a href={`${pathOf(row)}/settings`}>Cancel</a>
          </div>
        </Form>
      </Card>
    </>
  );
}

export function ConfirmHookSecret({ row, csrf, stale, now }: Parts & { readonly stale: boolean; readonly now: Date }) {
  return (
    <>
      <Head title="Make a new hook secret?" about={<Words>{row.name}</Words>} />
      {stale && <Notice kind="bad">{STALE}</Notice>}
      <Card>
        <p>The present secret stops working at once: pushes are refused until the webhook has the new one.</p>
        <Form action={`${pathOf(row)}/hook-secret`} csrf={csrf}>
          <FormKey now={now} />
          <div class="choices">
            <Submit kind="final">Make a new secret</Submit>
            <a href={pathOf(row)}>Cancel</a>
          </div>
        </Form>
      </Card>
    </>
  );
}

/** The only page that shows it. */
export function NewHookSecret({
  row,
  secret,
  url,
}: Pick<Parts, 'row'> & { readonly secret: string; readonly url: string }) {
  return (
    <>
      <Head title="New hook secret" about={<Words>{row.name}</Words>} />
      <Notice kind="good">Copy the secret into the webhook: it is shown now and never again.</Notice>
      <Card>
        <Secret id="hook_url" label="Webhook URL" value={url} />
        <Secret id="hook_secret" label="Secret" value={secret} />
        <div class="choices">
          <a class="button" href={pathOf(row)}>
            I have copied the secret
          </a>
        </div>
      </Card>
    </>
  );
}
