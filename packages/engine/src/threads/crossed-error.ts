import { EngineError, type EngineErrorCode, isEngineError } from '../errors.js'

/** An error as it crosses between threads. */
export interface CrossedError {
  readonly kind: 'engine' | 'error' | 'value'
  readonly name?: string
  readonly message?: string
  readonly stack?: string | undefined
  readonly code?: unknown
  readonly details?: unknown
  /** Of an aggregate. */
  readonly errors?: readonly CrossedError[]
  readonly cause?: CrossedError
  /** What was thrown, where it is no error. */
  readonly value?: unknown
  /** The other side's own, by the number that it gave it: there it is the very same error again. */
  readonly own?: number
}

/** Of what comes from the other side: its number there. */
const numberThere = new WeakMap<object, number>()

/** @param number Makes that the error, should it come back, is known again. */
export function crossError(error: unknown, number?: number): CrossedError {
  if (typeof error !== 'object' || error === null) return { kind: 'value', value: String(error) }
  const own = numberThere.get(error)
  const { name, message, stack, code, cause, errors } = error as Partial<Error> & {
    code?: unknown
    errors?: unknown
  }
  return {
    kind: isEngineError(error) ? 'engine' : 'error',
    name: String(name ?? 'Error'),
    message: String(message ?? ''),
    stack: typeof stack === 'string' ? stack : undefined,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(isEngineError(error) ? { details: error.details } : {}),
    ...(Array.isArray(errors) ? { errors: errors.map((each) => crossError(each)) } : {}),
    ...(cause === undefined ? {} : { cause: crossError(cause) }),
    ...(number === undefined ? (own === undefined ? {} : { own }) : { own: number }),
  }
}

const classes: Readonly<Record<string, new (message: string, options?: ErrorOptions) => Error>> = {
  TypeError,
  RangeError,
  SyntaxError,
}

/**
 * The error again, of the same class where that is the engine's or the language's own.
 *
 * @param findOwn Gives what this side had numbered. Without it the number is remembered, for the way back.
 */
export function uncrossError(crossed: CrossedError, findOwn?: (number: number) => unknown): unknown {
  const { own } = crossed
  if (own !== undefined && findOwn !== undefined) return findOwn(own)
  if (crossed.kind === 'value') return crossed.value
  const error = rebuild(crossed, findOwn)
  if (crossed.stack !== undefined)
    Object.defineProperty(error, 'stack', { value: crossed.stack, writable: true, configurable: true })
  if (own !== undefined) numberThere.set(error, own)
  return error
}

function rebuild(crossed: CrossedError, findOwn?: (number: number) => unknown): Error {
  const { kind, name = 'Error', message = '', code, details, errors } = crossed
  const options = crossed.cause === undefined ? {} : { cause: uncrossError(crossed.cause, findOwn) }
  if (kind === 'engine') return new EngineError(code as EngineErrorCode, message, details as never, options)
  const error =
    errors !== undefined
      ? new AggregateError(
          errors.map((each) => uncrossError(each, findOwn)),
          message,
          options,
        )
      : new (classes[name] ?? Error)(message, options)
  if (error.name !== name)
    Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true })
  if (code !== undefined) Object.assign(error, { code })
  return error
}
