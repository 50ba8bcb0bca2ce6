import type { Gate } from './gate.ts';
import type { Manifest } from './manifest.ts';
import type { Span } from './plan.ts';
import { Problem, problemOfStatus } from './problem.ts';
import { address } from './server.ts';
import { sha256 } from './sha256.ts';

/** Waits before the attempts that follow a cut, in milliseconds; then the download pauses itself. */
const WAITS = [500, 1000, 2000, 4000, 8000];
const CONNECTION_LOST = 'The connection was lost. Resume when you are online again.';
const FETCHES_OF_A_DAMAGED_PACK = 3;

export interface Transfer {
  readonly manifest: Manifest;
  readonly gate: Gate;
  /** Told how many bytes came in; negative when bytes turned out damaged and are fetched anew. */
  readonly onBytes: (count: number) => void;
}

/** The span's bytes. A whole pack is checked against its SHA-256 and fetched anew when damaged, a few times. */
export async function fetchSpan(transfer: Transfer, span: Span): Promise<Uint8Array<ArrayBuffer>> {
  const expected = transfer.manifest.packs[span.pack]?.sha256 ?? '';
  for (let fetches = 1; ; fetches++) {
    const bytes = await fetchBytes(transfer, span, expected);
    if (!span.whole || (await sha256(bytes)) === expected) return bytes;
    transfer.onBytes(-bytes.length);
    if (fetches === FETCHES_OF_A_DAMAGED_PACK)
      throw new Problem(
        'Data arrives damaged and is not saved. What is in the folder so far is right. Try again, or take the ZIP.',
        true,
      );
  }
}

async function fetchBytes(transfer: Transfer, span: Span, sha256: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(span.end - span.start);
  let received = 0;
  let failures = 0;
  while (received < bytes.length) {
    const signal = await transfer.gate.pass();
    const before = received;
    try {
      for await (const chunk of read(span, sha256, received, signal)) {
        if (received + chunk.length > bytes.length) throw new Problem('The server sent more than was asked for.', true);
        bytes.set(chunk, received);
        received += chunk.length;
        transfer.onBytes(chunk.length);
      }
    } catch (error) {
      if (error instanceof Problem) throw error;
    }
    if (signal.aborted || received === bytes.length) continue;
    failures = received > before ? 1 : failures + 1;
    const wait = WAITS[failures - 1];
    if (wait !== undefined) await pause(wait);
    else {
      failures = 0;
      transfer.gate.close(CONNECTION_LOST);
    }
  }
  return bytes;
}

async function* read(span: Span, sha256: string, received: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const start = span.start + received;
  const whole = span.whole && received === 0;
  const headers: Record<string, string> = whole ? {} : { Range: `bytes=${start}-${span.end - 1}` };
  const response = await fetch(address(`packs/${sha256}`), { headers, signal, cache: 'no-store' });
  // What a server or a proxy says of itself passes; what it says of the link does not.
  if (response.status >= 500 || response.status === 429) throw new Error(`answered ${response.status}`);
  if (response.status !== (whole ? 200 : 206)) throw problemOfStatus(response.status);
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) yield part.value;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
