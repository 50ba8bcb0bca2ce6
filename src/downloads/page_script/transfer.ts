import { type Folder, NameRefused } from './folder.ts';
import type { Gate } from './gate.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { inPackOrder, planSpans } from './plan.ts';
import { Problem } from './problem.ts';
import { saveFile } from './save_file.ts';
import { endSession, openSession } from './server.ts';
import { createSpans } from './spans.ts';

export interface Job {
  readonly manifest: Manifest;
  readonly folder: Folder;
  /** What is still to be saved; files leave it one by one as they are. */
  readonly pending: Set<ManifestFile>;
  readonly gate: Gate;
  readonly onBytes: (count: number) => void;
  readonly onFile: (file: ManifestFile) => void;
}

/** Bytes that `transfer` will fetch for what is pending. */
export function bytesToFetch({ manifest, pending }: Pick<Job, 'manifest' | 'pending'>): number {
  return planSpans(manifest).bytesOf([...pending]);
}

/** Saves all that is pending, in one session. Answers the paths that the browser refused to write. */
export async function transfer(job: Job): Promise<string[]> {
  const session = await openSession();
  try {
    const refused = await saveAll(job);
    await endSession(session, refused.length === 0 ? 'completed' : 'failed');
    return refused;
  } catch (error) {
    if (error instanceof Problem && error.broken) await endSession(session, 'failed');
    throw error;
  }
}

async function saveAll({ manifest, folder, pending, gate, onBytes, onFile }: Job): Promise<string[]> {
  const refused: string[] = [];
  const spans = createSpans({ manifest, gate, onBytes }, planSpans(manifest));
  for (const file of inPackOrder([...pending])) {
    await gate.pass();
    onFile(file);
    try {
      await saveFile(folder, spans, file);
    } catch (error) {
      if (!(error instanceof NameRefused)) throw error;
      refused.push(file.path);
    }
    pending.delete(file);
  }
  return refused;
}
