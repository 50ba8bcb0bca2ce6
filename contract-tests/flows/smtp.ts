import { call } from './api.ts';
import { startDeafLine } from './deaf_line.ts';
import { headerOf, type Message, type Mta, prepareMta } from './mta.ts';
import type { Scene } from './scene.ts';
import { type Server, startServer } from './server.ts';
import { CONTENT, openShop, PRODUCT, publish, type Shop, shopAt, until } from './shop.ts';
import type { Tally } from './tally.ts';

/** Mail through a mail server that people run: taken, refused, put off, away, and cut off in the worst moment. */
export async function smtp(tally: Tally, scene: Scene): Promise<void> {
  const mta = await prepareMta(scene);
  if (!mta) return tally.skip('mail through a mail server', 'exim4 is not installed');
  await mta.start();
  const MAIL_FROM = 'Läden <shop@shop.example>';
  const first = await startServer(scene, { env: { SMTP_URL: `smtp://127.0.0.1:${mta.port}`, MAIL_FROM } });
  const shop = await openShop(first, 'smtp-company');
  const there = { server: first, shop, mta };
  await buy(shop, 'grey');
  await delivered(tally, there);
  await refused(tally, there);
  await news(tally, there);
  await buy(shop, 'slow');
  const grey = await until(
    () => mailTo(shop, 'grey'),
    ({ status }) => status === 'sent',
  );
  tally.check('4xx the first time, taken the second', grey.status === 'sent' && grey.attempts === 2, grey);
  const slow = await until(
    () => mailTo(shop, 'slow'),
    ({ status }) => status === 'sent',
  );
  const copies = await messagesTo(mta, 'slow');
  tally.check('a server that takes its time: one mail, one try', copies.length === 1 && slow.attempts === 1, slow);
  await outage(tally, scene, there, MAIL_FROM);
  const others = (await mta.messages()).filter(({ to }) => to !== address('cut'));
  const once = new Set(others.map(({ messageId }) => messageId)).size === others.length;
  tally.check('nothing else was doubled', once, others);
}

/** The mail server is away while the server is stopped and started, then the server dies where it hurts most. */
async function outage(tally: Tally, scene: Scene, { server, shop, mta }: There, MAIL_FROM: string): Promise<void> {
  await mta.stop();
  const names = ['one', 'two', 'three', 'four', 'five'];
  for (const name of names) await buy(shop, name);
  const away = await until(
    () => Promise.all(names.map((name) => mailTo(shop, name))),
    (mails) => mails.every(({ attempts }) => Number(attempts) > 0),
  );
  const waiting = away.every(({ status, error }) => status === 'waiting' && /ECONNREFUSED/.test(String(error)));
  tally.check('the mail server away: mails wait, and admins see why', waiting, away);
  tally.check('the server stops cleanly meanwhile', (await server.stop()).code === 0);
  await mta.start();
  const line = await startDeafLine(scene, mta.port);
  const env = { SMTP_URL: `smtp://127.0.0.1:${line.port}`, MAIL_FROM };
  const same = { dataDir: server.dataDir, port: server.port, env };
  const second = await startServer(scene, same);
  for (const { id } of away) await shop.post(`/api/mails/${String(id)}/retry`);
  const back = await until(
    () => Promise.all(names.map((name) => messagesTo(mta, name))),
    (mails) => mails.every(({ length }) => length > 0),
  );
  tally.check('back again: every mail arrives', back.flat().length === names.length, back);
  line.loseReceipts(true);
  await cutOff(tally, { server: second, shop, mta }, async () => {
    line.loseReceipts(false);
    return startServer(scene, same);
  });
}

interface There {
  readonly server: Server;
  readonly shop: Shop;
  readonly mta: Mta;
}

const address = (name: string): string => `${name}@example.com`;

const buy = (shop: Shop, name: string) =>
  shop.post('/api/purchases', { productId: PRODUCT, customerEmail: address(name), sendEmail: true });

/** The mail about somebody's purchase, as the API tells of it. */
async function mailTo(shop: Shop, name: string): Promise<Record<string, unknown>> {
  const mails = await shop.get(`/api/mails?recipient=${address(name)}`);
  return mails.find(({ kind }) => kind === 'purchase') ?? {};
}

async function messagesTo(mta: Mta, name: string): Promise<Message[]> {
  return (await mta.messages()).filter(({ to }) => to === address(name));
}

const linkIn = (message: Message | undefined): string | undefined =>
  /https?:\/\/[^\s"<]+\/download\?token=[0-9a-f]{64}/.exec(message?.text ?? '')?.[0];

const arrives = (mta: Mta, name: string, count = 1) =>
  until(
    () => messagesTo(mta, name),
    ({ length }) => length >= count,
  );

async function delivered(tally: Tally, { shop, mta }: There): Promise<void> {
  await buy(shop, 'buyer');
  const [message] = await arrives(mta, 'buyer');
  const text = message?.text ?? '';
  const link = linkIn(message);
  const archive = link === undefined ? undefined : await call('GET', link);
  const good = archive?.status === 200 && archive.bytes.includes(CONTENT);
  tally.check('a purchase: the mail arrives, and its link downloads', good, text || 'no mail');
  const mail = await until(
    () => mailTo(shop, 'buyer'),
    ({ status }) => status === 'sent',
  );
  const named = message?.messageId === `<${String(mail.id)}.continuity@shop.example>`;
  tally.check('under the name that the API knows it by', mail.status === 'sent' && named, [mail, message?.messageId]);
  const from = headerOf(text, 'From');
  tally.check('from MAIL_FROM', /^=\?UTF-8\?Q\?L=C3=A4den\?= <shop@shop\.example>$/i.test(from), from);
}

async function refused(tally: Tally, { shop, mta }: There): Promise<void> {
  const bought = await buy(shop, 'refused');
  const mail = await until(
    () => mailTo(shop, 'refused'),
    ({ status }) => status !== 'waiting',
  );
  const seen = mail.status === 'failed' && mail.attempts === 1 && /550 5\.1\.1/.test(String(mail.error));
  tally.check('5xx: given up at once, and admins see why', seen, mail);
  const listed = (await shop.get('/api/mails?status=failed')).map(({ purchaseIds }) => String(purchaseIds));
  tally.check('with the purchase that it is about', listed.join() === String(bought.id), listed);
  await mta.openMailbox();
  await shop.post(`/api/mails/${String(mail.id)}/retry`);
  tally.check('tried again on demand, it arrives', (await arrives(mta, 'refused')).length === 1);
}

/** Everybody who bought before is told, but for who wants no news, and says so as mail programs do (RFC 8058). */
async function news(tally: Tally, { server, shop, mta }: There): Promise<void> {
  const announce = async (version: string) => {
    const id = await publish(server, shop, version);
    const path = `/api/products/${PRODUCT}/versions/${id}/announce`;
    return until(
      () => shop.post(path),
      ({ status }) => status === 'queued',
    );
  };
  await announce('2.0.0');
  const [, message] = await arrives(mta, 'buyer', 2);
  const out = /<(\S+)>/.exec(headerOf(message?.text ?? '', 'List-Unsubscribe'))?.[1] ?? server.url;
  const post = headerOf(message?.text ?? '', 'List-Unsubscribe-Post');
  tally.check('a new version is announced, with a way out', post === 'List-Unsubscribe=One-Click', message);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://mail.example' };
  const click = await call('POST', out, { bytes: Buffer.from('List-Unsubscribe=One-Click'), headers });
  const { skipped } = await announce('3.0.0');
  const [mail] = await shop.get(`/api/mails?recipient=${address('buyer')}`);
  const left = click.status === 200 && skipped === 1 && mail?.status === 'skipped' && mail.reason === 'unsubscribed';
  tally.check('one click, and the next is not for them, which admins see', left, [click.status, skipped, mail]);
}

/** kill -9 after the mail server has taken the message, and before the server knows. */
async function cutOff(tally: Tally, { server, shop, mta }: There, startAgain: () => Promise<Server>): Promise<void> {
  await buy(shop, 'cut');
  const taken = await arrives(mta, 'cut');
  const unknown = await mailTo(shop, 'cut');
  await server.killGroup();
  const again = shopAt(await startAgain(), shop.account);
  const [one, two, ...more] = await arrives(mta, 'cut', 2);
  const mail = await until(
    () => mailTo(again, 'cut'),
    ({ status }) => status === 'sent',
  );
  const once = taken.length === 1 && unknown.status === 'waiting' && mail.status === 'sent';
  tally.check('kill -9 between the 250 and noting it: sent after the restart', once, [taken, unknown, mail]);
  const same = one?.messageId !== '' && one?.messageId === two?.messageId && linkIn(one) === linkIn(two);
  tally.check('twice at most, under one Message-ID, with one link', same && more.length === 0, [one, two, more.length]);
}
