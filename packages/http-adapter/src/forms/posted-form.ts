import type { FanOutEntry } from './fan-out-list.js'

/** A form upload, read as far as its file. */
export interface PostedForm extends AsyncDisposable {
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>
  /** With the file's name in it, where it asks for that. */
  readonly key: string
  /** The objects that its file is to become; absent where it is one object. */
  readonly fanOut?: readonly FanOutEntry[]
}
