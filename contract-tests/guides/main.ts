import { createScene } from '../flows/scene.ts';
import { startServer } from '../flows/server.ts';
import { createTally } from '../flows/tally.ts';
import { readGuides } from './folder.ts';
import { checkLinks } from './links.ts';
import { runGuide } from './run_guide.ts';

/**
 * `npm run test:guides -- [NAME…]`: runs the samples of the guides (openapi/guides) as their reader would, against one
 * real built server. NAME is a guide's file name without its number (`errors`); none means all. Exit code 1 when one
 * sample, answer or link does not hold.
 *
 * The reader. Each guide has a folder, a bash and an organisation of its own, with what the first `npm start` leaves
 * behind: the product `epic-drums-v1`, version 1.0.0, active. Set are `$CONTINUITY_URL`, `$CONTINUITY_API_KEY` and, for sign-in pages,
 * `$EMAIL` and `$PASSWORD`, all the owner's; `$ORG`, the organisation; `$DATA_DIR`, `$PORT` and `$ADMIN_PORT`, so that
 * `npx continuity …` works beside the server as it does in its checkout. Mails are `$DATA_DIR/mail/*.eml`. The guide's
 * own blocks make all else. What they leave running is killed at the end, a database in a folder of theirs too.
 *
 * Blocks are run in order; the first that fails ends its guide.
 *   ```bash           in the guide's one shell (`set -eu`): variables, functions and the folder stay for later blocks
 *   ```js python ruby php go   by `node` (an ES module), `python3`, `ruby`, `php`, `go run`; they see what was exported
 *   ```X file=NAME    is written to that file, in any language, not run; a later block has to name it
 *   ```X fails        has to end with another exit status than 0, its last command's
 *   ```X eventually   is run again, for half a minute, until its answer is right
 *   ```X shown        cannot be run here; a comment above says why: `<!-- shown: needs your domain -->`. They are listed
 *   <!-- prepared     starts a comment whose blocks are run though the reader does not see them; `-->` alone on a
 *                     line ends it. For what happens elsewhere; `npx grant ADDRESS` presses Allow on the consent page
 *                     at that address (grant.ts), `npx visit ADDRESS` prints what a page says in Chromium (visit.ts)
 * Any other block without `answer` fails: no sample is left unexecuted.
 *
 * Answers say what the block above has printed on standard output.
 *   ```json answer    the same JSON, keys in any order. `…` in a string stands for any characters, `"…"` for any value;
 *                     bare, it stands for further keys of an object, or for further elements at the end of an array
 *   ```http answer    for `curl -i`: the status line, the headers that are shown, in any order, and the body, as JSON
 *                     when it is JSON
 *   ```text answer    the same lines, spaces at their ends apart. `…` stands for any characters; alone on a line, for
 *                     any number of lines
 * A time (2026-04-02T00:00:00.000Z), an id (15 to 19 digits) and a Request-Id (a UUID) stand for any other of their
 * kind, unless the fence says `exact` as well. The run's own port and organisation count as what a reader sees,
 * 127.0.0.1:8080 and audio-company.
 *
 * Links: `[Errors](guide:errors)` needs that guide, `(operation:createProduct)` that operation in the bundle, `(#stripe)`
 * a heading of the same guide; anything else has to be http(s) or mailto.
 */
const wanted = process.argv.slice(2);
const guides = await readGuides();
const unknown = wanted.filter((name) => !guides.some((guide) => guide.name === name));
if (unknown.length > 0) {
  console.error(`No such guide: ${unknown.join(', ')}. There are: ${guides.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const totals = { passed: 0, failed: 0 };
const scene = createScene();
try {
  const server = await startServer(scene);
  for (const guide of guides) {
    if (wanted.length > 0 && !wanted.includes(guide.name)) continue;
    const tally = createTally(guide.name, totals);
    await checkLinks(tally, guide, guides);
    await runGuide(tally, scene, server, guide).catch((error: unknown) => tally.check('runs to its end', false, error));
  }
} finally {
  await scene.end();
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
