import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './scene.ts';

interface Message {
  readonly text: string;
  readonly html: string;
  readonly link: URL;
}

/** Of a file that is no draft. */
const WHOLE = /^\d+\.eml$/;

/** The newest message to the address that has a link to such a path, from the file that the worker wrote. */
export async function newestMail({ server }: Scene, to: string, path: string): Promise<Message> {
  const folder = join(server.deps.config.dataDir, 'mail');
  for (let looks = 0; looks < 200; looks++) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => WHOLE.test(name));
    for (const name of names.sort().reverse()) {
      const mail = await readFile(join(folder, name), 'utf8');
      const text = partOf(mail, 'text/plain');
      const link = linkIn(text, path);
      if (mail.includes(`To: ${to}\r\n`) && link) return { text, html: partOf(mail, 'text/html'), link };
    }
    await sleep(50);
  }
  throw new Error(`no mail to ${to} in ${folder}`);
}

/** One of the parts of a message (RFC 2046 §5.1), decoded. */
function partOf(source: string, type: string): string {
  const boundary = /boundary="([^"]+)"/.exec(source)?.[1] ?? '';
  const part = source.split(`--${boundary}`).find((each) => each.includes(`Content-Type: ${type}`)) ?? '';
  const [head = '', ...body] = part.split('\r\n\r\n');
  const content = body.join('\r\n\r\n');
  if (/Transfer-Encoding: base64/i.test(head)) return Buffer.from(content, 'base64').toString();
  return /Transfer-Encoding: quoted-printable/i.test(head) ? unquoted(content) : content.replaceAll('\r\n', '\n');
}

/** RFC 2045 §6.7. */
function unquoted(text: string): string {
  const whole = text.replaceAll('=\r\n', '').replaceAll('\r\n', '\n');
  return Buffer.from(
    whole.replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString();
}

function linkIn(text: string, path: string): URL | undefined {
  const links = text.match(/https?:\/\/\S+/g) ?? [];
  return links.map((link) => new URL(link)).find(({ pathname }) => pathname === path);
}
