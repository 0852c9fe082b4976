import type { Draft } from '../catalog/draft.js'
import type { Staged } from '../commit/commit.js'

/** Bytes of which only the decision knows whether they are needed. Those that are not stay the stager's, to be let go. */
export class StagedIfNeeded implements Staged {
  /** Said anew by each decision. */
  isNeeded = false
  readonly #staged: Staged

  constructor(staged: Staged) {
    this.#staged = staged
  }

  use(draft: Draft): void {
    if (this.isNeeded) this.#staged.use(draft)
  }

  async used(): Promise<void> {
    if (this.isNeeded) await this.#staged.used()
  }

  unknown(): void {
    if (this.isNeeded) this.#staged.unknown()
  }
}
