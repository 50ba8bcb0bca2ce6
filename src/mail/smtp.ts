import { createTransport } from 'nodemailer';
import { type Mailer, MailRefused } from './mail.ts';
import { messageOf, requireAddress, type Sender } from './message.ts';

/** Milliseconds. A server may take its time over a message (RFC 5321 §4.5.3.2), but one that is silent holds others up. */
const LIMITS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 15_000, socketTimeout: 120_000 };

/** As many as the worker sends at once. */
const CONNECTIONS = 2;

/**
 * Hands messages to a mail server, over few connections that stay open. `smtps:` is TLS from the first byte; `smtp:` is
 * TLS as soon as the server offers STARTTLS, and never without it under `?requireTLS=true`.
 */
export function createSmtpMailer(url: string, from: Sender): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    // For a connection that the server closed while it was idle; all else is for the queue.
    maxRequeues: 1,
    ...LIMITS,
  } as Parameters<typeof createTransport>[0]);
  return {
    async send(mail, id) {
      requireAddress(mail.to);
      try {
        await transport.sendMail(messageOf(mail, id, from));
      } catch (error) {
        throw isFinal(error) ? new MailRefused((error as Error).message, { cause: error }) : error;
      }
    },
    close: () => transport.close(),
  };
}

/**
 * A 5xx about this message, its sender or reader (RFC 5321 §4.2.1). One before that, such as a wrong password or no
 * service at all, is about our settings or the server, and somebody may mend it.
 */
function isFinal(error: unknown): boolean {
  const { code, responseCode, command = '' } = error as { code?: string; responseCode?: number; command?: string };
  if (responseCode === undefined) return code === 'EENVELOPE' && command === 'API';
  return responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
}
