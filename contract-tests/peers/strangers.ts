import { tmpdir } from 'node:os';
import { openChromium } from '../browser/chromium.ts';
import { run } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { PYTHON } from './python.ts';
import type { Site } from './site.ts';

/** Each client without the run's authority refuses the certificate: so with it, it does check. */
export async function strangers(tally: Tally, scene: Scene, { secure, url }: Site): Promise<void> {
  if (!secure) return;
  const clients: [string, string[]][] = [
    ['ruby', ['-rnet/http', '-e', 'Net::HTTP.get(URI(ARGV[0]))', url]],
    [PYTHON, ['-c', 'import requests, sys; requests.get(sys.argv[1])', url]],
    [process.execPath, ['-e', 'fetch(process.argv[1]).catch((error) => { throw error.cause; })', url]],
    ['curl', ['-sS', url]],
  ];
  for (const [command, args] of clients) {
    const ran = await run(command, args, { cwd: tmpdir() });
    const refused =
      ran.code !== 0 && /certificate verify failed|unable to (get|verify)|certificate problem/i.test(ran.err);
    tally.check(`${command} refuses the certificate of an authority that it does not know`, refused, ran);
  }
  const browser = await openChromium({ HOME: await scene.folder() });
  const page = await browser.newPage();
  const error = await page.goto(url).then(String, String);
  await browser.close();
  tally.check('and so does Chromium', error.includes('ERR_CERT_AUTHORITY_INVALID'), error);
}
