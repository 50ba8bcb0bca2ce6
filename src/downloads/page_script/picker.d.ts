/** Chromium only, hence not in TypeScript's DOM library (WICG File System Access §3.3). */
interface Window {
  showDirectoryPicker?(options: {
    id: string;
    mode: 'readwrite';
    startIn: 'downloads';
  }): Promise<FileSystemDirectoryHandle>;
}
