import { Failure } from '../errors/fail.ts';
import { clientAddress } from '../http/transport.ts';
import { Field, Form, Notice, Submit } from '../pages/components.tsx';
import { formatDelay } from '../pages/delay.ts';
import { askCode } from './ask_code.ts';
import { keepRequest } from './cookies.ts';
import type { Customer } from './customer.ts';
import { open, type PortalAnswer, type PortalRequest } from './page.ts';

export const askPages = [open('post', '/my', ask)];

const WRONG: Readonly<Record<string, string>> = {
  is_blank: 'Please fill this in.',
  invalid_format: 'This does not look like an e-mail address.',
};

/** Whatever the address, the next page is the same. */
async function ask({ deps, koa, form, csrf }: PortalRequest<Customer | undefined>): Promise<PortalAnswer> {
  const email = form.get('email') ?? '';
  try {
    const { requestId } = await askCode(deps, clientAddress(koa.req, deps.config.trustProxy), email);
    keepRequest(deps, koa, requestId);
    return { redirect: '/my/code' };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const error = WRONG[thrown.code];
    if (error !== undefined) return askPage({ csrf, email, error, status: 422 });
    if (thrown.code !== 'slow_down') throw thrown;
    return askPage({ csrf, email, ...slowed(thrown) });
  }
}

/** Too many tries, as a page says it. */
export function slowed({ headers }: Failure) {
  const wait = formatDelay(Number(headers['Retry-After'] ?? 60));
  return { status: 429, headers, trouble: `That was too often. Please try again in ${wait}.` };
}

interface AskParts {
  readonly csrf: string;
  /** As it was typed. */
  readonly email?: string;
  /** At the field. */
  readonly error?: string;
  /** Of another kind. */
  readonly trouble?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function askPage({ csrf, email = '', error, trouble, status = 200, headers = {} }: AskParts): PortalAnswer {
  return {
    title: 'Your downloads',
    status,
    headers,
    content: (
      <>
        <h1>Your downloads</h1>
        {trouble !== undefined && <Notice kind="bad">{trouble}</Notice>}
        <p>Find everything that you bought, and download it again whenever you like. You need no password.</p>
        <Form action="/my" csrf={csrf}>
          <Field
            name="email"
            label="E-mail address"
            hint="The one that you bought with. We mail you a code."
            type="email"
            value={email}
            error={error}
            autocomplete="email"
            maxLength={254}
            required
          />
          <div class="choices">
            <Submit>Mail me a code</Submit>
          </div>
        </Form>
      </>
    ),
  };
}
