/** What went wrong, in words for the person at the screen. */
export class Problem extends Error {
  constructor(
    message: string,
    /** The download itself is broken, not the way to it: the publisher should see a failed session. */
    readonly broken = false,
  ) {
    super(message);
  }
}

const LINK_ENDED = 'This link no longer works. Ask the seller for a fresh one; what is saved already stays saved.';
const NOT_SAVED = 'The browser could not write to the folder. Check that there is room on the disk, then try again.';

/** What an HTTP status of the server means to the person who downloads. */
export function problemOfStatus(status: number): Problem {
  if (status === 404 || status === 410) return new Problem(LINK_ENDED);
  if (status === 403) return new Problem('The publisher has paused this download. Try again later.');
  return new Problem(`The server answered ${status}. Try again later.`);
}

/** Any thrown value as a problem; what the file system throws is a DOMException with a name that tells. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const name = thrown instanceof DOMException ? thrown.name : '';
  if (name === 'QuotaExceededError') return new Problem('The disk is full. Make some room, then try again.');
  if (name === 'NotAllowedError') return new Problem('The browser may not write to this folder. Choose another one.');
  if (name === 'NotFoundError') return new Problem('The folder is gone. Choose another one.');
  return new Problem(NOT_SAVED);
}
