import { parseId } from '../ids/parse.ts';
import { Card, Form, Head, Submit, Table, Time, Words } from '../pages/components.tsx';
import { endOtherSessions, endSession } from '../sessions/actions.ts';
import { describeAgent } from '../sessions/agent.ts';
import { listSessions, type SessionRow } from '../sessions/queries.ts';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';

const PATH = '/dashboard/settings/sessions';

export const sessions = [
  get(PATH, 'member', show),
  post(`${PATH}/{id}/end`, 'member', endOne),
  post(`${PATH}/end-others`, 'member', endOthers),
];

async function show({ deps, user, csrf }: PageRequest): Promise<PageAnswer> {
  const isOwn = ({ id }: SessionRow) => id === user.sessionId;
  const rows = (await listSessions(deps.db, user.userId)).sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
  return {
    title: 'Sessions',
    current: PATH,
    content: (
      <>
        <Head title="Sessions" about="Every browser in which you are signed in." />
        <Card>
          <Table caption="Your sessions" columns={COLUMNS} rows={rows.map((row) => cells(row, user.sessionId, csrf))} />
          {rows.length > 1 && (
            <div class="choices">
              <Form action={`${PATH}/end-others`} csrf={csrf}>
                <Submit kind="danger">End all other sessions</Submit>
              </Form>
            </div>
          )}
        </Card>
      </>
    ),
  };
}

const COLUMNS = [
  { label: 'Browser' },
  { label: 'Address' },
  { label: 'Signed in' },
  { label: 'Last seen' },
  { label: '' },
];

function cells({ id, address, user_agent, created_at, last_seen_at }: SessionRow, own: string, csrf: string) {
  const browser = describeAgent(user_agent);
  return [
    <Words>{browser}</Words>,
    <Words>{address}</Words>,
    <Time at={created_at} />,
    id === own ? 'just now' : <Time at={last_seen_at} />,
    id === own ? (
      <span class="tag">This browser</span>
    ) : (
      <Form action={`${PATH}/${id}/end`} csrf={csrf}>
        <Submit kind="quiet" small what={browser}>
          End
        </Submit>
      </Form>
    ),
  ];
}

async function endOne({ deps, user, params: { id = '' } }: PageRequest): Promise<PageAnswer> {
  const sessionId = parseId(id);
  const ended = sessionId !== undefined && (await endSession(deps.db, deps, user, sessionId));
  // Sent twice, or ended elsewhere meanwhile: the list shows how it is.
  return { redirect: ended ? `${PATH}?done=session_ended` : PATH };
}

async function endOthers({ deps, user }: PageRequest): Promise<PageAnswer> {
  await endOtherSessions(deps.db, deps, user, user.sessionId);
  return { redirect: `${PATH}?done=sessions_ended` };
}
