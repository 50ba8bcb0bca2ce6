import type { SecretRow } from '../integrations/queries.ts';
import { Card, Field, Form, Head, Notice, Secret, Submit, Table, Time } from '../pages/components.tsx';
import { EVENTS } from '../webhooks/stripe.ts';
import type { Vendor } from '../webhooks/vendors.ts';
import { FormKey } from './form_key.tsx';

const PATH = '/dashboard/integrations';

export const VENDOR_NAMES: Readonly<Record<Vendor, string>> = {
  stripe: 'Stripe',
  shopify: 'Shopify',
  woocommerce: 'WooCommerce',
  fastspring: 'FastSpring',
  vibracartpro: 'Vibracart Pro',
};

/** Where the vendor shows its secret, and what to have it send. */
const STEPS: Readonly<Record<Vendor, string>> = {
  stripe: `In Stripe, add an endpoint with this URL for these events, and copy its signing secret: ${EVENTS.join(', ')}.`,
  shopify:
    'In Shopify, under Settings, Notifications, Webhooks, add this URL for order payment, order update, order cancellation and refund creation, as JSON. The secret stands below the list.',
  woocommerce:
    'In WooCommerce, under Settings, Advanced, Webhooks, add this URL for "Order created" and "Order updated", and copy the secret.',
  fastspring:
    'In FastSpring, under Developer Tools, Webhooks, add this URL for order.completed, order.canceled and return.created, and set a HMAC SHA256 secret.',
  vibracartpro:
    'In Vibracart Pro, under Tools, Configuration, paste the URL that is made here into "Call webhook on each order".',
};

interface Parts {
  readonly vendor: Vendor;
  readonly url: string;
  readonly secrets: readonly SecretRow[];
  readonly error: string | undefined;
  readonly now: Date;
  readonly csrf: string;
}

/** One vendor: where it sends its reports, and by which secret they are known to be its own. */
export function IntegrationPage({ vendor, url, secrets, error, now, csrf }: Parts) {
  const name = VENDOR_NAMES[vendor];
  return (
    <>
      <Head title={name}>
        <a href={PATH}>All integrations</a>
      </Head>
      {error !== undefined && <Notice kind="bad">The secret was not set. Please look at the field below.</Notice>}
      {vendor !== 'vibracartpro' && (
        <Card>
          <Secret id="url" label="Webhook URL" value={url} />
          <p class="soft">{STEPS[vendor]}</p>
        </Card>
      )}
      {secrets.length > 0 && (
        <Card title={vendor === 'vibracartpro' ? 'URL in use' : 'Secrets in use'}>
          <Table
            caption={`Secrets of ${name}`}
            columns={[{ label: 'Since' }, { label: '' }]}
            rows={secrets.map(({ id, created_at }) => [
              <Time at={created_at} />,
              <Form action={`${PATH}/${vendor}/secrets/${id}/remove`} csrf={csrf}>
                <Submit kind="danger" small what={`the secret of ${name}`}>
                  Remove
                </Submit>
              </Form>,
            ])}
            compact
          />
        </Card>
      )}
      {vendor === 'vibracartpro' ? (
        <MakeUrl used={secrets.length > 0} now={now} csrf={csrf} />
      ) : (
        <SetSecret {...{ vendor, error, csrf }} used={secrets.length > 0} />
      )}
    </>
  );
}

function SetSecret({
  vendor,
  used,
  error,
  csrf,
}: Pick<Parts, 'vendor' | 'error' | 'csrf'> & { readonly used: boolean }) {
  const hint =
    vendor === 'stripe' && used
      ? 'The secret before stays in use beside it until you remove it.'
      : 'It is kept encrypted and never shown again.';
  return (
    <Card title={used ? 'Replace the secret' : 'Set the secret'}>
      <Form action={`${PATH}/${vendor}`} csrf={csrf}>
        <Field name="secret" label="Signing secret" type="password" {...{ error, hint }} maxLength={500} required />
        <div class="choices">
          <Submit>{used ? 'Replace' : 'Set'}</Submit>
        </div>
      </Form>
    </Card>
  );
}

function MakeUrl({ used, now, csrf }: Pick<Parts, 'now' | 'csrf'> & { readonly used: boolean }) {
  return (
    <Card title={used ? 'Make another URL' : 'Make the URL'}>
      <p class="soft">
        Vibracart Pro signs nothing, so its URL is secret.{used && ' The one before stops working at once.'}
      </p>
      <p class="soft">{STEPS.vibracartpro}</p>
      <Form action={`${PATH}/vibracartpro`} csrf={csrf}>
        <FormKey now={now} />
        <div class="choices">
          <Submit kind={used ? 'danger' : undefined}>Generate webhook URL</Submit>
        </div>
      </Form>
    </Card>
  );
}

/** The only page that shows it. */
export function NewUrl({ url }: { readonly url: string }) {
  return (
    <>
      <Head title="Vibracart Pro" />
      <Notice kind="good">Copy the URL into Vibracart Pro: it is shown now and never again.</Notice>
      <Card>
        <Secret id="url" label="Webhook URL" value={url} />
        <div class="choices">
          <a class="button" href={`${PATH}/vibracartpro`}>
            I have copied the URL
          </a>
        </div>
      </Card>
    </>
  );
}
