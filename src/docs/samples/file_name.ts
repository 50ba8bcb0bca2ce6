/** A file is named after the last word of the path: that of packs/{sha256} is `pack.bin`. */
export function fileName(path: string, extension: string): string {
  const last = path.split('/').findLast((word) => !word.includes('{')) ?? '';
  if (last === 'log') return 'build.log';
  if (last.includes('.')) return last;
  return `${path.endsWith('}') ? last.replace(/s$/, '') : last}.${extension}`;
}
