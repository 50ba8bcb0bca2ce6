/** The manifest as `getDownloadManifest` answers it; `pack` of a segment is an index into `packs`. */
export interface Manifest {
  readonly packs: readonly { readonly sha256: string; readonly size: number }[];
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}
