import { createHash } from 'node:crypto';
import { downloadScript } from '../../generated/download_script.ts';

export { downloadScript };

/** Strong, quoted: changes with the script. */
export const downloadScriptETag = `"${createHash('sha256').update(downloadScript).digest('hex')}"`;
