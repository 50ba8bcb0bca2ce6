/** One message to one person. */
export interface Mail {
  /** An address alone, without a name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What takes messages out of the house: a folder until there is SMTP. */
export interface Mailer {
  /** `id` names the message: one that is sent again after a crash has the same, so that readers see it once. */
  send(mail: Mail, id: string): Promise<void>;
}
