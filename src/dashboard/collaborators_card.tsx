import type { CollaboratorRow } from '../collaborators/queries.ts';
import { Card, Field, Form, Submit, Table, Time, Words } from '../pages/components.tsx';
import type { Errors } from './typed.ts';

interface Parts {
  readonly collaborators: readonly CollaboratorRow[];
  readonly invited: { readonly email: string; readonly errors: Errors } | undefined;
  readonly path: string;
  readonly csrf: string;
}

const COLUMNS = [{ label: 'Who' }, { label: 'State' }, { label: 'Invited' }, { label: '' }];

/** People of other organisations who see the project and build it. */
export function CollaboratorsCard({ collaborators, invited, path, csrf }: Parts) {
  return (
    <Card title="Collaborators">
      <p class="soft">
        People of other organisations who see this project and build it. They publish and change nothing.
      </p>
      {collaborators.length > 0 && (
        <Table
          caption="Collaborators"
          columns={COLUMNS}
          rows={collaborators.map(({ id, email, accepted_at, created_at }) => [
            <Words>{email}</Words>,
            <span class="tag">{accepted_at === null ? 'Invited' : 'Accepted'}</span>,
            <Time at={created_at} />,
            <Form action={`${path}/collaborators/${id}/remove`} csrf={csrf}>
              <Submit kind="danger" small what={email}>
                Remove
              </Submit>
            </Form>,
          ])}
        />
      )}
      <Form action={`${path}/collaborators`} csrf={csrf}>
        <Field
          name="email"
          label="E-mail address"
          type="email"
          value={invited?.email}
          error={invited?.errors['email']}
          maxLength={254}
          required
        />
        <div class="choices">
          <Submit>Invite</Submit>
        </div>
      </Form>
    </Card>
  );
}
