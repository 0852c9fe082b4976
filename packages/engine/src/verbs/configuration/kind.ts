import type { SetOptions } from '../../contract/configuration.js'
import type { Works } from '../../works.js'

/** Where one kind of configuration is kept, and what may be set. */
export interface Kind<T> {
  get(works: Works, bucket: string): Promise<T | undefined>
  set(works: Works, bucket: string, value: T | undefined, options: SetOptions): Promise<void>
}
