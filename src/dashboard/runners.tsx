import { Failure } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import { cursorAfter, pageOf } from '../http/pagination.ts';
import { checkBody } from '../http/validate.ts';
import { Card, Field, Form, Head, Notice, Secret, Submit, Table, Time, Words } from '../pages/components.tsx';
import { fieldErrors } from '../pages/messages.ts';
import { registerRunner, type RegisteredRunner, revokeRunner } from '../runners/actions.ts';
import { listRunnerRows, type RunnerRow } from '../runners/queries.ts';
import { FormKey, STALE } from './form_key.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { submitOnce } from './submit_once.ts';

const PATH = '/dashboard/runners';
const PAGE_LENGTH = 50;

export const runners = [
  get(PATH, 'admin', (req) => list(req)),
  post(PATH, 'admin', register),
  post(`${PATH}/{runner_id}/revoke`, 'admin', revoke),
];

interface Typed {
  readonly name: string;
  readonly error?: string | undefined;
  readonly notice?: string;
}

async function list({ deps, user, query, csrf }: PageRequest, typed?: Typed): Promise<PageAnswer> {
  const cursor = query.get('cursor');
  const page = pageOf({ limit: PAGE_LENGTH, ...(cursor === null ? {} : { cursor }) });
  const rows = await listRunnerRows(deps.db, user.organisationId, page);
  return {
    title: 'Runners',
    current: PATH,
    status: typed ? 422 : 200,
    content: (
      <>
        <Head title="Runners" about="Programs on machines of yours that build your projects." />
        {typed && (
          <Notice kind="bad">{typed.notice ?? 'Nothing was registered yet. Please look at the field below.'}</Notice>
        )}
        <Runners rows={rows} csrf={csrf} />
        <Card title="Register a runner">
          <Form action={PATH} csrf={csrf}>
            <FormKey now={deps.clock()} />
            <Field
              name="name"
              label="Name"
              value={typed?.name}
              error={typed?.error}
              hint="Such as the machine that it runs on."
              maxLength={100}
              required
            />
            <div class="choices">
              <Submit>Register runner</Submit>
            </div>
          </Form>
        </Card>
      </>
    ),
  };
}

const COLUMNS = [{ label: 'Name' }, { label: 'Last seen' }, { label: 'Registered' }, { label: '' }];

function Runners({ rows, csrf }: { readonly rows: readonly RunnerRow[]; readonly csrf: string }) {
  const shown = rows.slice(0, PAGE_LENGTH);
  const last = rows.length > PAGE_LENGTH ? shown.at(-1) : undefined;
  return (
    <Card>
      {shown.length === 0 && <p class="empty soft">No runners yet: nothing is built.</p>}
      {shown.length > 0 && (
        <Table
          caption="Runners"
          columns={COLUMNS}
          rows={shown.map(({ id, name, last_seen_at, created_at }) => [
            <Words>{name}</Words>,
            last_seen_at === null ? <span class="soft">never</span> : <Time at={last_seen_at} />,
            <Time at={created_at} />,
            <Form action={`${PATH}/${id}/revoke`} csrf={csrf}>
              <Submit kind="danger" small what={name}>
                Revoke
              </Submit>
            </Form>,
          ])}
        />
      )}
      {last && (
        <p>
          <a href={`${PATH}?cursor=${cursorAfter(last.id)}`}>Older runners</a>
        </p>
      )}
    </Card>
  );
}

async function register(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  requirePaid(user);
  const name = (form.get('name') ?? '').trim();
  try {
    checkBody('createRunner', { name });
    const sent = await submitOnce(req, 'createRunner', (tx) => registerRunner(tx, deps, user, name));
    if (sent === 'again') return { redirect: `${PATH}?done=runner_sent_before` };
    if (sent === 'stale') return list(req, { name, notice: STALE });
    return registered(sent.first, deps.config.publicUrl);
  } catch (error) {
    const wording = { invalid_format: 'A name has at most 100 characters, all in one line.' };
    return list(req, { name, error: fieldErrors(error, { name: wording })['name'] });
  }
}

/** The only page that shows the token. */
function registered({ row, token }: RegisteredRunner, publicUrl: string): PageAnswer {
  return {
    title: 'Runner registered',
    current: PATH,
    script: true,
    content: (
      <>
        <Head title="Runner registered" about={<Words>{row.name}</Words>} />
        <Notice kind="good">Copy the token now: it is shown once and never again.</Notice>
        <Card>
          <Secret id="token" label="Token" value={token} />
          <Secret
            id="command"
            label="Or paste this on the machine that is to build"
            value={`CONTINUITY_URL=${publicUrl} CONTINUITY_RUNNER_TOKEN=${token} npx continuity runner`}
          />
          <p class="note">It needs git, and bubblewrap to keep what it runs apart from the machine.</p>
          <div class="choices">
            <a class="button" href={PATH}>
              I have stored the token
            </a>
          </div>
        </Card>
      </>
    ),
  };
}

/** What is revoked already is as it should be. */
async function revoke({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  try {
    await revokeRunner(deps.db, deps, user, params['runner_id'] ?? '');
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not_found')) throw error;
  }
  return { redirect: `${PATH}?done=runner_revoked` };
}
