import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startSmtp, type TestSmtp } from '../testing/smtp.ts';
import { type Mail, type Mailer, MailRefused } from './mail.ts';
import { createSmtpMailer } from './smtp.ts';

const MAIL: Mail = { to: 'tom@example.com', subject: 'Größe', text: 'Hallo Tōm', html: '<p>Hallo</p>' };
const FROM = { name: 'Jürgens Läden', address: 'shop@example.com' };

const open: (TestSmtp | Mailer)[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await ('stop' in one ? one.stop() : one.close?.());
});

async function setUp(options?: Parameters<typeof startSmtp>[0], query = '') {
  const smtp = await startSmtp(options);
  const mailer = createSmtpMailer(`smtp://127.0.0.1:${smtp.port}${query}`, FROM);
  open.push(mailer, smtp);
  const send = (mail: Partial<Mail> = {}, id = '1') => mailer.send({ ...MAIL, ...mail }, id);
  return { smtp, mailer, send };
}

const failure = (sending: Promise<void>): Promise<unknown> =>
  sending.then(
    () => 'sent',
    (error: unknown) => error,
  );
const headOf = (message = ''): string => message.slice(0, message.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');

describe('a message over SMTP', () => {
  it('arrives whole, once, from whom it should, with names of all letters', async () => {
    const { smtp, send } = await setUp();
    await send({ headers: { 'List-Unsubscribe': '<https://a.example/unsubscribe?token=a>' } });
    expect(smtp.received).toMatchObject([{ from: 'shop@example.com', to: ['tom@example.com'] }]);
    const head = headOf(smtp.received[0]?.source);
    expect(head).toMatch(/^From: =\?UTF-8\?Q\?J=C3=BCrgens_L=C3=A4den\?= <shop@example\.com>$/m);
    expect(head).toMatch(/^Subject: =\?UTF-8\?Q\?Gr=C3=B6=C3=9Fe\?=$/m);
    expect(head).toMatch(/^Message-ID: <1\.continuity@example\.com>$/m);
    expect(head).toMatch(/^List-Unsubscribe: <https:\/\/a\.example\/unsubscribe\?token=a>$/m);
  });

  it('shares its connection with those before', async () => {
    const { smtp, send } = await setUp();
    for (let i = 0; i < 5; i += 1) await send({}, String(i));
    expect([smtp.received.length, smtp.connections()]).toEqual([5, 1]);
  });

  it.each([
    ['a subject', { subject: 'Hello\r\nBcc: eve@example.com\r\n\r\nBody' }],
    ['a header', { headers: { 'List-Unsubscribe': '<https://a.example>\r\nBcc: eve@example.com' } }],
    ['an address with a comma', { to: 'tom@example.com,eve@example.com' }],
  ])('gets no header or reader out of %s', async (_what, mail) => {
    const { smtp, send } = await setUp();
    await failure(send(mail));
    for (const { to, source } of smtp.received) {
      expect(to).not.toContain('eve@example.com');
      expect(headOf(source)).not.toMatch(/^Bcc:/im);
    }
  });

  it.each([
    ['with line breaks', 'tom@example.com\r\nRCPT TO:<eve@example.com>', 'no address'],
    ['with letters before the @ that need SMTPUTF8', 'töm@example.com', 'SMTPUTF8'],
    ['without an @', 'tom', 'no address'],
  ])('to an address %s is refused before a server is asked', async (_what, to, said) => {
    const { smtp, send } = await setUp();
    const error = await failure(send({ to }));
    expect(error).toBeInstanceOf(MailRefused);
    expect((error as Error).message).toContain(said);
    expect(smtp.connections()).toBe(0);
  });

  it('to a domain of all letters goes as Punycode', async () => {
    const { smtp, send } = await setUp({ hideSMTPUTF8: true });
    await send({ to: 'tom@bücher.example' });
    expect(headOf(smtp.received[0]?.source)).toMatch(/^To: tom@xn--bcher-kva\.example$/m);
  });
});

describe('a server', () => {
  it.each([
    ['451 after the message', { at: 'data', code: 451 }],
    ['450 to the reader', { at: 'rcpt', code: 450 }],
    ['421 to the reader', { at: 'rcpt', code: 421 }],
  ] as const)('that answers %s may take it later', async (_what, answer) => {
    const { smtp, send } = await setUp();
    smtp.answers.push(answer);
    const error = await failure(send());
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MailRefused);
    await send();
    expect(smtp.received).toHaveLength(1);
  });

  it.each([
    ['554 after the message', { at: 'data', code: 554 }],
    ['550 to the reader', { at: 'rcpt', code: 550 }],
  ] as const)('that answers %s is asked no more', async (_what, answer) => {
    const { smtp, send } = await setUp();
    smtp.answers.push(answer);
    const error = await failure(send());
    expect(error).toBeInstanceOf(MailRefused);
    expect((error as Error).message).toContain(String(answer.code));
    expect(smtp.received).toEqual([]);
    await send({}, '2');
    expect(smtp.received).toHaveLength(1);
  });

  it('that is away, or wants another password, may take it later', async () => {
    const { smtp, mailer } = await setUp();
    const other = createSmtpMailer(`smtp://a:b@127.0.0.1:${smtp.port}`, FROM);
    open.push(other);
    expect(await failure(other.send(MAIL, '1'))).not.toBeInstanceOf(MailRefused);
    await smtp.stop();
    expect(await failure(mailer.send(MAIL, '1'))).toMatchObject({ code: 'ESOCKET' });
    const back = await startSmtp({}, smtp.port);
    open.push(back);
    await mailer.send(MAIL, '1');
    expect(back.received).toHaveLength(1);
  });

  it('that dies in the middle of a message is tried again by the queue, not here', async () => {
    const { smtp, send } = await setUp();
    await send({}, '0');
    smtp.answers.push({ at: 'drop' });
    const error = await failure(send({ text: 'x'.repeat(1_000_000) }));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MailRefused);
    expect(smtp.received).toHaveLength(1);
    await send();
    expect(smtp.received).toHaveLength(2);
  });

  it('that closed an idle connection gets the message over a new one', async () => {
    const { smtp, send } = await setUp();
    await send({}, '0');
    smtp.hangUp();
    await send({}, '1');
    expect([smtp.received.length, smtp.connections()]).toEqual([2, 2]);
  });

  it('that has STARTTLS gets messages under it, if its certificate is trusted', async () => {
    const { smtp, send, mailer } = await setUp({ disabledCommands: [] }, '?tls.rejectUnauthorized=false');
    await send();
    expect(smtp.received).toMatchObject([{ secure: true }]);
    mailer.close?.();
    const careful = createSmtpMailer(`smtp://127.0.0.1:${smtp.port}`, FROM);
    open.push(careful);
    expect(await failure(careful.send(MAIL, '1'))).not.toBeInstanceOf(MailRefused);
    expect(smtp.received).toHaveLength(1);
  });

  it('that has no TLS gets nothing where the URL requires it', async () => {
    const { smtp, send } = await setUp({}, '?requireTLS=true');
    expect(await failure(send())).toBeInstanceOf(Error);
    expect(smtp.received).toEqual([]);
  });

  it('that closes before its greeting is given up in time', async () => {
    const silent = createServer((socket) => socket.destroy());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const mailer = createSmtpMailer(`smtp://127.0.0.1:${(silent.address() as { port: number }).port}`, FROM);
    open.push(mailer);
    expect(await failure(mailer.send(MAIL, '1'))).not.toBeInstanceOf(MailRefused);
    silent.close();
  });
});
