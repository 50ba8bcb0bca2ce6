import { formatFiles } from '../page_figures.ts';
import { type Folder, isSame, openFolder } from './folder.ts';
import { createGate } from './gate.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { createMeter } from './meter.ts';
import { problemOf } from './problem.ts';
import { fetchManifest } from './server.ts';
import { bytesToFetch, transfer } from './transfer.ts';
import { openView } from './view.ts';

// Without these (another browser, plain HTTP to another machine) the page stays as the server made it.
if (window.showDirectoryPicker && isSecureContext) start(openView());

function start(view: ReturnType<typeof openView>): void {
  const chooseFirst = { label: 'Choose a folder…', act: () => void guarded(choose, choose) };
  const chooseAgain = { label: 'Choose another folder…', act: chooseFirst.act };
  view.show({ status: '', first: chooseFirst });

  /** Runs a step; what goes wrong is shown, with a way to do it again. */
  async function guarded(step: () => Promise<void>, again: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      removeEventListener('beforeunload', warn);
      const first = { label: 'Try again', act: () => void guarded(again, again) };
      view.show({ status: problemOf(error).message, mood: 'bad', first, second: chooseAgain });
    }
  }

  async function choose(): Promise<void> {
    const picked = await pick();
    if (!picked) return;
    const folder = openFolder(picked);
    view.show({ status: 'Reading the list of files…' });
    const manifest = await fetchManifest();
    const present = await findPresent(folder, manifest);
    const pending = new Set(manifest.files);
    const run = () => save(folder, manifest, pending);
    if (present.size === 0) return guarded(run, run);
    view.show({
      status:
        `${present.size.toLocaleString('en')} of ${formatFiles(pending.size)} ` +
        `${present.size === 1 ? 'is' : 'are'} in ${nameOf(folder)} already. ` +
        'What is identical will be kept; what differs will be replaced.',
      first: { label: 'Continue', act: () => void guarded(resume, resume) },
      second: chooseAgain,
    });
    async function resume(): Promise<void> {
      await dropSame(pending, present);
      await guarded(run, run);
    }
  }

  async function dropSame(pending: Set<ManifestFile>, present: Map<ManifestFile, File>): Promise<void> {
    let checked = 0;
    for (const [file, found] of present) {
      const figures = `${(checked++).toLocaleString('en')} of ${formatFiles(present.size)} checked`;
      if (checked % 50 === 1 || file.size > 1e6) {
        view.show({ status: 'Checking what is there already…', progress: true });
        view.progress(checked / present.size, figures, file.path);
      }
      if (await isSame(found, file)) pending.delete(file);
    }
  }

  async function save(folder: Folder, manifest: Manifest, pending: Set<ManifestFile>): Promise<void> {
    const meter = createMeter(bytesToFetch({ manifest, pending }), () => performance.now());
    let current = '';
    let drawn = 0;
    const draw = () => view.progress(meter.share(), meter.text(), current);
    const gate = createGate((closed, reason) => {
      meter.rest();
      draw();
      if (closed) showPaused(reason);
      else showRunning();
    });
    const showRunning = () =>
      view.show({
        status: `Saving into ${nameOf(folder)}…`,
        progress: true,
        first: { label: 'Pause', act: () => gate.close() },
      });
    const showPaused = (reason: string | undefined) =>
      view.show({
        status: reason ?? 'Paused.',
        mood: reason ? 'bad' : 'plain',
        progress: true,
        first: { label: 'Resume', act: () => gate.open() },
      });
    addEventListener('beforeunload', warn);
    draw();
    showRunning();
    const refused = await transfer({
      manifest,
      folder,
      pending,
      gate,
      onBytes(count) {
        meter.add(count);
        if (performance.now() - drawn < 100) return;
        drawn = performance.now();
        draw();
      },
      onFile(file) {
        current = file.path;
      },
    });
    removeEventListener('beforeunload', warn);
    showDone(folder, manifest, refused);
  }

  function showDone(folder: Folder, manifest: Manifest, refused: readonly string[]): void {
    const status =
      refused.length === 0
        ? `Done. ${formatFiles(manifest.files.length)} in ${nameOf(folder)}, each one checked.`
        : `Your browser refuses to write ${refused.slice(0, 3).join(', ')}${refused.length > 3 ? ` and ${formatFiles(refused.length - 3)} more` : ''}. All else is saved; take the ZIP for these.`;
    view.show({ status, mood: refused.length === 0 ? 'good' : 'bad', first: chooseAgain });
  }
}

/** The root of a drive has no name. */
function nameOf({ name }: Folder): string {
  return name === '' ? 'the folder' : `“${name}”`;
}

/** `undefined` when the person closed the picker. */
async function pick(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await window.showDirectoryPicker?.({ id: 'download', mode: 'readwrite', startIn: 'downloads' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw error;
  }
}

async function findPresent(folder: Folder, { files }: Manifest): Promise<Map<ManifestFile, File>> {
  const present = new Map<ManifestFile, File>();
  if (await folder.isEmpty()) return present;
  for (const file of files) {
    const found = await folder.find(file.path);
    if (found) present.set(file, found);
  }
  return present;
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
