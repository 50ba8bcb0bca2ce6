import type { ApplicationRow } from '../applications/queries.ts';
import { Card, Form, Head, Notice, Submit, Words } from '../pages/components.tsx';
import { FormKey, STALE } from './form_key.tsx';

interface Parts {
  readonly row: ApplicationRow;
  readonly csrf: string;
}

export function ConfirmRotation({ row, csrf, stale, now }: Parts & { readonly stale: boolean; readonly now: Date }) {
  const path = `/dashboard/applications/${row.id}`;
  return (
    <>
      <Head title="Make a new secret?" about={<Words>{row.name}</Words>} />
      {stale && <Notice kind="bad">{STALE}</Notice>}
      <Card>
        <p>
          The present secret stops working at once: your program cannot get new access until it has the new one. What
          people have granted stays, and access tokens go on working.
        </p>
        <Form action={`${path}/rotate-secret`} csrf={csrf}>
          <FormKey now={now} />
          <div class="choices">
            <Submit kind="final">Make a new secret</Submit>
            <a href={path}>Cancel</a>
          </div>
        </Form>
      </Card>
    </>
  );
}

export function ConfirmDelete({ row, csrf }: Parts) {
  const path = `/dashboard/applications/${row.id}`;
  return (
    <>
      <Head title="Delete the application?" about={<Words>{row.name}</Words>} />
      <Card>
        <p>
          Its client ID and secret stop working, and so does every access token that people granted it. This cannot be
          undone.
        </p>
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
