import { readdir, readFile } from 'node:fs/promises';
import { type Block, parseGuide } from './parse.ts';

export interface Guide {
  /** `errors` of `04_errors.md`. */
  name: string;
  file: string;
  text: string;
  blocks: Block[];
}

const FOLDER = new URL('../../openapi/guides/', import.meta.url);

/** All guides in their order. */
export async function readGuides(): Promise<Guide[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.md')).sort();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, FOLDER), 'utf8');
      const name = /^\d\d_([a-z0-9_]+)\.md$/.exec(file)?.[1];
      if (name === undefined) throw new Error(`${file} is not called NN_name.md`);
      return { name, file, text, blocks: parseGuide(text) };
    }),
  );
}
