import { Card, Field, Form, Head, Notice, Submit, Table, TextArea, Words } from '../pages/components.tsx';
import type { ProjectRow } from '../projects/queries.ts';
import type { SuiteRow } from '../suites/queries.ts';
import { type Errors, typedInto } from './typed.ts';
import type { TypedSuite } from './suite_form.ts';

interface Parts {
  readonly project: ProjectRow;
  readonly csrf: string;
}

interface FormParts extends Parts {
  readonly typed: TypedSuite;
  readonly errors: Errors;
}

const pathOf = ({ id }: ProjectRow): string => `/dashboard/projects/${id}`;

export function NewSuitePage({ project, typed, errors, csrf }: FormParts) {
  return (
    <>
      <Head title="Add a suite" about={<Words>{project.name}</Words>} />
      {Object.keys(errors).length > 0 && (
        <Notice kind="bad">Nothing was added yet. Please look at the fields below.</Notice>
      )}
      <Card>
        <Form action={`${pathOf(project)}/suites/new`} csrf={csrf}>
          <Fields typed={typed} errors={errors} />
          <div class="choices">
            <Submit>Add suite</Submit>
            <a href={pathOf(project)}>Cancel</a>
          </div>
        </Form>
      </Card>
    </>
  );
}

interface SuiteParts extends FormParts {
  readonly suite: SuiteRow;
  readonly admin: boolean;
  readonly secret?: { readonly name: string; readonly errors: Errors } | undefined;
}

export function SuitePage({ project, suite, typed, errors, admin, secret, csrf }: SuiteParts) {
  const path = `${pathOf(project)}/suites/${suite.id}`;
  return (
    <>
      <Head title={<Words>{suite.name}</Words>} about={<Words>{`Suite of ${project.name}`}</Words>}>
        <a href={pathOf(project)}>Back to the project</a>
      </Head>
      {(Object.keys(errors).length > 0 || secret) && (
        <Notice kind="bad">Nothing was changed yet. Please look at the fields below.</Notice>
      )}
      <Card title="What it runs">
        <Form action={path} csrf={csrf}>
          <Fields typed={typed} errors={errors} />
          <div class="choices">
            <Submit>Save</Submit>
          </div>
        </Form>
      </Card>
      <Card title="Secrets">
        <p class="soft">Environment variables whose values nobody sees again; logs show *** instead.</p>
        <Names {...{ suite, admin, path, csrf }} />
        {admin ? <SecretForm {...{ secret, path, csrf }} /> : <p class="note">Admins set and remove them.</p>}
      </Card>
      <Card title="Delete">
        <p>Builds that were made of it keep what they ran.</p>
        <div class="choices">
          <a class="button danger" href={`${path}/delete`}>
            Delete this suite
          </a>
        </div>
      </Card>
    </>
  );
}

function Fields({ typed, errors }: Pick<FormParts, 'typed' | 'errors'>) {
  const field = typedInto(errors);
  return (
    <>
      <Field
        {...field('name', typed.name)}
        label="Name"
        hint="Unique in the project, such as npm test."
        maxLength={100}
        required
      />
      <TextArea
        {...field('command', typed.command)}
        label="Command"
        hint="What sh runs in a fresh copy of the repository. It succeeds with exit code 0."
        rows={3}
        maxLength={10000}
        required
      />
      <TextArea {...field('description', typed.description)} label="Description (optional)" rows={2} maxLength={1000} />
      {typed.environment === undefined ? (
        <p class="note">Its environment has values of several lines: change it through the API.</p>
      ) : (
        <TextArea
          {...field('environment', typed.environment)}
          label="Environment (optional)"
          hint="NAME=value, one per line. For secrets there is a form of its own."
          rows={3}
        />
      )}
      <Field
        {...field('timeout_seconds', typed.timeout)}
        label="Time limit in seconds"
        inputMode="numeric"
        maxLength={5}
        required
      />
      <Field
        {...field('artifact_path', typed.artifactPath)}
        label="Artifact folder (optional)"
        hint="What a build request can publish, such as dist."
        maxLength={500}
      />
    </>
  );
}

interface SecretsParts {
  readonly path: string;
  readonly csrf: string;
}

function Names({ suite, admin, path, csrf }: SecretsParts & Pick<SuiteParts, 'suite' | 'admin'>) {
  if (suite.secret_names.length === 0) return <p class="empty soft">No secrets yet.</p>;
  const columns = [{ label: 'Name' }, ...(admin ? [{ label: '' }] : [])];
  const rows = suite.secret_names.map((name) => [
    <code>{name}</code>,
    ...(admin
      ? [
          <Form action={`${path}/secrets/${name}/remove`} csrf={csrf}>
            <Submit kind="danger" small what={name}>
              Remove
            </Submit>
          </Form>,
        ]
      : []),
  ]);
  return <Table caption="Secrets" columns={columns} rows={rows} />;
}

function SecretForm({ secret, path, csrf }: SecretsParts & Pick<SuiteParts, 'secret'>) {
  return (
    <Form action={`${path}/secrets`} csrf={csrf}>
      <Field
        name="secret_name"
        label="Name of the variable"
        value={secret?.name}
        error={secret?.errors['name']}
        hint="One that is there already gets the new value."
        maxLength={100}
        required
      />
      <TextArea name="value" label="Value" error={secret?.errors['value']} rows={2} required />
      <div class="choices">
        <Submit kind="quiet">Set secret</Submit>
      </div>
    </Form>
  );
}

export function ConfirmSuite({ project, suite, csrf }: Parts & { readonly suite: SuiteRow }) {
  const path = `${pathOf(project)}/suites/${suite.id}`;
  return (
    <>
      <Head title="Delete the suite?" about={<Words>{suite.name}</Words>} />
      <Card>
        <p>Its command and its secrets are deleted. What was built stays. This cannot be undone.</p>
        <Form action={`${path}/delete`} csrf={csrf}>
          <div class="choices">
            <Submit kind="final">Delete for good</Submit>
            <a href={path}>Cancel</a>
          </div>
        </Form>
      </Card>
    </>
  );
}
