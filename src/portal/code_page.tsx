import { Failure } from '../errors/fail.ts';
import { presentFailure } from '../errors/present.ts';
import { clientAddress } from '../http/transport.ts';
import { Field, Form, Notice, Submit, Words } from '../pages/components.tsx';
import { askPage, slowed } from './ask_page.tsx';
import { findByRequest } from './code_queries.ts';
import { askedRequest, keepCustomer, sessionToken } from './cookies.ts';
import type { Customer } from './customer.ts';
import { open, type PortalAnswer, type PortalRequest } from './page.ts';
import { CODE_MINUTES } from './rules.ts';
import { signInByCode } from './sign_in.ts';

export const codePages = [open('get', '/my/code', show), open('post', '/my/code', enter)];

type Visitor = PortalRequest<Customer | undefined>;

/** The address is only ever shown to the browser that typed it. */
async function show({ deps, koa, csrf, customer }: Visitor): Promise<PortalAnswer> {
  const requestId = askedRequest(deps, koa);
  const asked = requestId && (await findByRequest(deps.db, requestId));
  return asked && !customer ? codePage({ csrf, email: asked.email }) : { redirect: '/my' };
}

async function enter({ deps, koa, form, csrf }: Visitor): Promise<PortalAnswer> {
  const requestId = askedRequest(deps, koa);
  const asked = requestId && (await findByRequest(deps.db, requestId));
  if (!requestId || !asked) return askPage({ csrf, trouble: LATE, status: 410 });
  // People copy blanks along, and type some between the digits.
  const code = (form.get('code') ?? '').replace(/[\s-]/g, '');
  const { email } = asked;
  if (!/^\d{6}$/.test(code)) return codePage({ csrf, email, error: 'Please type the six digits.', status: 422 });
  try {
    const address = clientAddress(koa.req, deps.config.trustProxy);
    const replaces = sessionToken(deps, koa);
    const { token } = await signInByCode(deps, { requestId, code }, { kind: 'browser', address, replaces });
    keepCustomer(deps, koa, token);
    return { redirect: '/my' };
  } catch (thrown) {
    return refused(thrown, csrf, email);
  }
}

const LATE = 'That code no longer works: it was typed too late, or too often. We can mail you another one.';

function refused(thrown: unknown, csrf: string, email: string): PortalAnswer {
  if (!(thrown instanceof Failure)) throw thrown;
  const { code } = thrown;
  if (code === 'unauthorized') {
    const { headers } = presentFailure(thrown, 'delivery');
    const error = 'That is not the code. Look for our newest mail.';
    return codePage({ csrf, email, error, status: 401, headers });
  }
  if (code === 'slow_down') return codePage({ csrf, email, ...slowed(thrown) });
  if (code !== 'expired' && code !== 'used_up' && code !== 'not_found') throw thrown;
  return askPage({ csrf, email, trouble: LATE, status: 410 });
}

interface CodeParts {
  readonly csrf: string;
  readonly email: string;
  readonly error?: string;
  readonly trouble?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function codePage({ csrf, email, error, trouble, status = 200, headers = {} }: CodeParts): PortalAnswer {
  return {
    title: 'Look into your mail',
    status,
    headers,
    content: (
      <>
        <h1>Look into your mail</h1>
        {trouble !== undefined && <Notice kind="bad">{trouble}</Notice>}
        <p>
          If something was bought as <Words>{email}</Words>, a mail with a code is on its way. It can take a minute.
        </p>
        <Form action="/my/code" csrf={csrf}>
          <Field
            name="code"
            label="Code"
            hint={`Six digits. It works for ${CODE_MINUTES} minutes, in this browser.`}
            error={error}
            autocomplete="one-time-code"
            inputMode="numeric"
            maxLength={20}
            required
            autofocus
          />
          <div class="choices">
            <Submit>Show my downloads</Submit>
          </div>
        </Form>
        <p class="note">
          No mail? Look into the spam folder, or <a href="/my">ask for another code</a>.
        </p>
      </>
    ),
  };
}
