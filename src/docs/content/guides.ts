import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A text for people, in Markdown. */
export interface Guide {
  /** As links name it: of `04_errors.md` it is `errors`. */
  readonly name: string;
  /** Its first heading. */
  readonly title: string;
  readonly markdown: string;
}

/** The guides of a folder, in the order of their numbers. */
export async function readGuides(folder: string): Promise<readonly Guide[]> {
  const files = (await readdir(folder).catch(() => [])).filter((file) => /^\d\d_\w+\.md$/.test(file)).sort();
  return Promise.all(files.map(async (file) => guideOf(file, await readFile(join(folder, file), 'utf8'))));
}

function guideOf(file: string, markdown: string): Guide {
  const title = /^# (.+)\n/.exec(markdown)?.[1]?.trim();
  if (title === undefined) throw new Error(`${file}: the first line must be "# Title"`);
  return { name: file.replace(/^\d\d_|\.md$/g, ''), title, markdown };
}
