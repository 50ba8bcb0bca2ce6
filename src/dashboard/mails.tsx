import { Failure } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import { parseId } from '../ids/parse.ts';
import { retry } from '../mail/actions.ts';
import type { SkipReason } from '../mail/mail.ts';
import { listMailRows, type MailRow, type MailState } from '../mail/queries.ts';
import { Card, Field, Form, Head, Submit, Table, Time, Words } from '../pages/components.tsx';
import { normaliseEmail } from '../users/email.ts';
import { MOST, Older, shownOf } from './older.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { StateCell, StateSelect, type States, stateIn } from './states.tsx';

const PATH = '/dashboard/mails';

export const mails = [get(PATH, 'admin', show), post(`${PATH}/{mailId}/retry`, 'admin', tryAgain)];

const STATES: States = {
  waiting: { label: 'Waiting' },
  sent: { label: 'Sent', kind: 'good' },
  failed: { label: 'Failed', kind: 'bad' },
  skipped: { label: 'Left out' },
};

const REASONS: Readonly<Record<SkipReason, string>> = {
  unsubscribed: 'They want no news of new versions.',
  refunded: 'What it is about was refunded.',
  withdrawn: 'The version was taken back.',
};

const KINDS: Readonly<Record<string, string>> = { purchase: 'Purchase', announcement: 'New version' };

/** What was mailed to customers, and whether it went out. */
async function show({ deps, user, query, csrf }: PageRequest): Promise<PageAnswer> {
  const status = stateIn(STATES, query) as MailState | undefined;
  const typed = query.get('recipient')?.trim() ?? '';
  const filter = { status, recipient: typed === '' ? undefined : normaliseEmail(typed) };
  const page = { limit: MOST, before: parseId(query.get('before') ?? '') };
  const { rows, older } = shownOf(await listMailRows(deps.db, user.organisationId, filter, page));
  const chosen = { status: status ?? '', recipient: typed };
  return {
    title: 'Mails',
    current: PATH,
    content: (
      <>
        <Head title="Mails" about="What was mailed to your customers in the last 30 days, newest first." />
        <Filter {...chosen} />
        <Card>
          {rows.length === 0 ? (
            <p class="empty soft">{status || typed ? 'There is none like that.' : 'Nothing was mailed yet.'}</p>
          ) : (
            <Table caption="Mails to customers" columns={COLUMNS} rows={rows.map((row) => cells(row, csrf))} />
          )}
          <Older path={PATH} query={chosen} older={older}>
            Older mails
          </Older>
        </Card>
      </>
    ),
  };
}

function Filter({ status, recipient }: { readonly status: string; readonly recipient: string }) {
  return (
    <form class="filter" method="get" action={PATH}>
      <StateSelect states={STATES} value={status} />
      <Field name="recipient" label="Customer" type="email" value={recipient} maxLength={254} />
      <button type="submit" class="quiet">
        Show
      </button>
    </form>
  );
}

const COLUMNS = [{ label: 'Customer' }, { label: 'About' }, { label: 'State' }, { label: 'Since' }, { label: '' }];

function cells({ id, recipient, kind, state, error, reason, updated_at }: MailRow, csrf: string) {
  return [
    <Words>{recipient}</Words>,
    <span class="whole">{KINDS[kind]}</span>,
    <StateCell
      states={STATES}
      state={state}
      error={reason ? REASONS[reason as SkipReason] : state === 'sent' ? null : error}
    />,
    <Time at={updated_at} />,
    state === 'failed' && (
      <Form action={`${PATH}/${id}/retry`} csrf={csrf}>
        <Submit kind="quiet" small what={`the mail to ${recipient}`}>
          Try again
        </Submit>
      </Form>
    ),
  ];
}

/** Two may press the button at once, and the queue may be quicker than the second. */
async function tryAgain({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  requirePaid(user);
  try {
    await retry(deps.db, deps, user, params['mailId'] ?? '');
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'conflict') throw error;
    return { redirect: `${PATH}?done=mail_sent` };
  }
  return { redirect: `${PATH}?done=mail_retried` };
}
