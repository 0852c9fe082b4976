/** Something that is not as it must always be. */
export interface Violation {
  /** Which promise is broken, for example `lost`, `torn`, `missing-blob`, `forgotten-blob`. */
  readonly rule: string
  /** A sentence for people that names what is concerned. */
  readonly what: string
}
