/** Of mails in HTML, in the colours of the pages; what a mail program does not know of it, the text does without. */
export const LETTER_STYLE = `
body{margin:0;padding:1rem;background:#f3f3f7;color:#1b1b22;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif}
.letter{max-width:34rem;margin:0 auto;padding:1.5rem;background:#fff;border:1px solid #dedee6;border-radius:1rem}
p{margin:0 0 1rem;overflow-wrap:anywhere;word-break:break-word}
p:last-child{margin:0}
a{color:#3a31c9}
.title{margin:1.5rem 0 .5rem;font-size:1.125rem;font-weight:700}
.button{display:inline-block;padding:.6rem 1.1rem;border-radius:.6rem;background:#3a31c9;color:#fff;font-weight:600;text-decoration:none}
.code{font:700 2rem/1.5 ui-monospace,monospace;letter-spacing:.15em}
@media(prefers-color-scheme:dark){
body{background:#111116;color:#ececf1}
.letter{background:#1c1c24;border-color:#363643}
a{color:#9d97ff}
.button{background:#9d97ff;color:#14131f}
}
`;
