import type { GroupDraft, Member } from './group.js'

/** Asks for a frame, even an empty one: it says that all before it is synced, and from where on segments live. */
export class FrameMember implements Member {
  readonly sizeBytes = 0
  readonly #resolve: () => void
  readonly fail: (error: unknown) => void

  constructor(resolve: () => void, reject: (error: unknown) => void) {
    this.#resolve = resolve
    this.fail = reject
  }

  join(draft: GroupDraft): void {
    draft.needsFrame = true
  }

  answer(): void {
    this.#resolve()
  }
}
