import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export const SECRET = 'whsec_flow_0123456789abcdef';

/** A post of Stripe's about a paid checkout. */
export interface Signed {
  readonly body: string;
  readonly signature: string;
}

export const emailOf = (name: string, number: number): string => `${name}${number}@example.com`;

/** Sales to different customers, after Stripe's own example; `late` is added to the seconds of the signature. */
export function signedSales(organisationId: string, name: string, count: number, late = 0): Signed[] {
  const text = readFileSync(new URL('fixtures/webhooks/stripe_session.json', import.meta.url), 'utf8');
  return Array.from({ length: count }, (_, number) => {
    const body = sale(text, organisationId, name, number);
    const at = Math.floor(Date.now() / 1000) + late;
    return { body, signature: `t=${at},v1=${hmac(`${at}.${body}`)}` };
  });
}

interface Event {
  id: string;
  data: { object: Record<string, unknown> & { customer_details: object; metadata: object } };
}

function sale(text: string, organisationId: string, name: string, number: number): string {
  const event = JSON.parse(text) as Event;
  event.id = `evt_${name}${number}`;
  const session = event.data.object;
  session.id = `cs_test_${name}${number}`;
  session.payment_intent = `pi_${name}${number}`;
  session.customer_details = { ...session.customer_details, email: emailOf(name, number) };
  session.metadata = { ...session.metadata, continuata_org_id: organisationId };
  return JSON.stringify(event);
}

/** By openssl: a fault of ours would verify what it signed. */
function hmac(text: string): string {
  const { stdout, status } = spawnSync('openssl', ['dgst', '-sha256', '-hmac', SECRET, '-r'], { input: text });
  if (status !== 0) throw new Error('openssl is needed');
  return stdout.toString().split(' ')[0] ?? '';
}
