import type { Specification } from './specification.js'

/** What stands for an object's bytes; undefined: there is no object. */
export type Content = string | undefined

/** What can be asked of one key. A condition names the content that the object must have. */
export type ObjectOperation =
  | { readonly verb: 'get' }
  | { readonly verb: 'put'; readonly content: string; readonly ifMatch?: string; readonly ifAbsent?: true }
  | { readonly verb: 'delete'; readonly ifMatch?: string }
  /** At the end of what is there, if that is `ifMatch` or nothing was said of it. */
  | { readonly verb: 'append'; readonly content: string; readonly ifMatch?: string }

/** `'refused'`: the condition did not hold. */
export type ObjectAnswer = 'done' | 'refused' | { readonly found: string | null }

/** One key of a bucket without versions. */
export const objectSpecification: Specification<Content, ObjectOperation, ObjectAnswer> = {
  initial: undefined,
  apply(state, operation, answer) {
    if (operation.verb === 'get') {
      if (answer === undefined) return state
      return typeof answer === 'object' && (answer.found ?? undefined) === state ? state : 'impossible'
    }
    const holds = isMet(state, operation)
    if (answer !== undefined && holds !== (answer === 'done')) return 'impossible'
    if (!holds) return state
    if (operation.verb === 'delete') return undefined
    return operation.verb === 'append' ? (state ?? '') + operation.content : operation.content
  },
}

function isMet(state: Content, operation: Exclude<ObjectOperation, { verb: 'get' }>): boolean {
  if ('ifAbsent' in operation) return state === undefined
  return operation.ifMatch === undefined || operation.ifMatch === state
}
