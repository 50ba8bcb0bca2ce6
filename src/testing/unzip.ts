import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

const open = promisify(
  fromBuffer as (bytes: Buffer, options: object, done: (error: Error | null, zip: ZipFile) => void) => void,
);

/** Path → content of every entry, as a ZIP reader that is not ours finds them. */
export async function unzip(bytes: Buffer): Promise<Record<string, Buffer>> {
  const zip = await open(bytes, { lazyEntries: false, autoClose: false });
  const entries: Entry[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => entries.push(entry));
    zip.once('end', resolve).once('error', reject);
  });
  const files: Record<string, Buffer> = {};
  for (const entry of entries) {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      zip.openReadStream(entry, (error, found) => (error ? reject(error) : resolve(found)));
    });
    files[entry.fileName] = await buffer(stream);
  }
  return files;
}
