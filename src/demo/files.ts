import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const RATE = 44_100;

/** A mono 16-bit WAV file of a decaying tone that falls from `from` to `to` Hz: a drum, more or less. */
function drum(seconds: number, from: number, to: number): Buffer {
  const samples = Math.round(seconds * RATE);
  const file = Buffer.alloc(44 + 2 * samples);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + 2 * samples, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(2 * RATE, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(2 * samples, 40);
  let phase = 0;
  for (let i = 0; i < samples; i++) {
    const progress = i / samples;
    phase += (2 * Math.PI * (from * (1 - progress) + to * progress)) / RATE;
    file.writeInt16LE(Math.round(30_000 * Math.sin(phase) * Math.exp(-5 * progress)), 44 + 2 * i);
  }
  return file;
}

/** What the demo product consists of: a few drums that play, and a page to read. */
export async function writeDemoFiles(folder: string): Promise<void> {
  const files: Record<string, Buffer | string> = {
    'README.txt': 'Epic Drums, version 1.0.0\n\nFour drums as WAV files, 44.1 kHz, 16 bits, mono.\n',
    'kits/kick.wav': drum(0.5, 150, 40),
    'kits/floor tom.wav': drum(0.6, 110, 70),
    'kits/rack tom.wav': drum(0.5, 200, 140),
    'kits/caisse claire (léger).wav': drum(0.25, 380, 180),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
