/**
 * What a thing does that is used by one caller after the other. Against it, a history of many callers at once is
 * held: there must be an order of its operations, each between its call and its answer, in which a single caller
 * would have got the same answers.
 */
export interface Specification<State, Operation, Answer> {
  readonly initial: State
  /**
   * The state after an operation that got this answer, or whose answer nobody knows; `'impossible'` if in this
   * state it cannot have got it. States are compared by `Object.is`.
   */
  apply(state: State, operation: Operation, answer: Answer | undefined): State | 'impossible'
}

/**
 * What happened, in order. Calls and answers are told apart by `n`. A `stop` ends every call still open: it was
 * carried out before or never will be, and nobody was told which.
 */
export type HistoryEntry<Operation, Answer> =
  | { readonly n: number; readonly call: Operation }
  | { readonly n: number; readonly answer: Answer }
  | { readonly stop: true }
