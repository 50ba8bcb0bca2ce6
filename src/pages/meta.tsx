/** What the head of every document of ours begins with, mails too. */
export function Meta({ title }: { readonly title: string }) {
  return (
    <>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title}</title>
    </>
  );
}
