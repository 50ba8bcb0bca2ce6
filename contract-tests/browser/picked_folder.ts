import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';

/** Nobody can click a native picker here: the page gets a folder of its origin's private file system instead. */
export async function stubPicker(page: Page): Promise<void> {
  await page.addInitScript(`window.showDirectoryPicker = () => navigator.storage.getDirectory();`);
}

/** Path → SHA-256 (hex) of every file in the folder that was picked. */
export async function readPicked(page: Page): Promise<Record<string, string>> {
  return (await page.evaluate(`(async () => {
    const found = {};
    async function walk(folder, prefix) {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === 'directory') { await walk(handle, prefix + name + '/'); continue; }
        const digest = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer());
        found[prefix + name] = [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('');
      }
    }
    await walk(await navigator.storage.getDirectory(), '');
    return found;
  })()`)) as Record<string, string>;
}

/** Puts a file at the top of the folder before it is picked. */
export async function putPicked(page: Page, name: string, content: string): Promise<void> {
  await page.evaluate(`(async () => {
    const root = await navigator.storage.getDirectory();
    const writable = await (await root.getFileHandle(${JSON.stringify(name)}, { create: true })).createWritable();
    await writable.write(${JSON.stringify(content)});
    await writable.close();
  })()`);
}

/** What `readPicked` must answer for these files. */
export function hashesOf(files: Record<string, Buffer | string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, createHash('sha256').update(content).digest('hex')]),
  );
}
