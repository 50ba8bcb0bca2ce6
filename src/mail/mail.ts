/** One message to one person. */
export interface Mail {
  /** An address alone, without a name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Besides those that every message has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a mail is not written: its reader wants none, has the money back, or the version was taken back. */
export type SkipReason = 'unsubscribed' | 'refunded' | 'withdrawn';

/** What takes messages out of the house: a mail server, or a folder where none is set. */
export interface Mailer {
  /**
   * `id` names the message: one that is sent again after a crash has the same, so that readers see it once. Rejects with
   * `MailRefused` where sending it again would be in vain, else with what may be over later.
   */
  send(mail: Mail, id: string): Promise<void>;
  /** Lets go of open connections. */
  close?(): void;
}

/** The message, its reader or its sender was refused for good. */
export class MailRefused extends Error {}
