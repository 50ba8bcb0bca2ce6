import { createLogShipper, type LogShipperOptions } from './log_shipper.ts';
import { createMask } from './mask.ts';

export interface BuildLog {
  /** What the build prints. */
  write(bytes: Buffer): void;
  /** A line of the runner itself. */
  say(words: string): void;
  /** Resolves when all of it was sent, or is not wanted. */
  end(): Promise<void>;
}

/** The log of a build, without its secrets. */
export function openBuildLog(secrets: Iterable<string>, shipping: LogShipperOptions): BuildLog {
  const shipper = createLogShipper(shipping);
  const mask = createMask(secrets);
  let inLine = false;
  const write = (bytes: Buffer) => {
    if (bytes.length > 0) inLine = bytes[bytes.length - 1] !== NEWLINE;
    shipper.write(mask.push(bytes));
  };
  return {
    write,
    say: (words) => write(Buffer.from(`${inLine ? '\n' : ''}[continuity] ${words}\n`)),
    end() {
      shipper.write(mask.end());
      return shipper.end();
    },
  };
}

const NEWLINE = 10;
