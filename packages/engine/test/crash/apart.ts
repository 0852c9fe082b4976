import { isMainThread, parentPort, Worker } from 'node:worker_threads'

interface Call {
  readonly module: string
  readonly name: string
  readonly options: unknown
}

type Answer = { readonly result: unknown } | { readonly error: string }

/**
 * Runs functions in a thread of their own. The test runner follows every promise of its thread, which makes
 * simulations, who live by promises, take twice as long.
 */
export class Apart implements AsyncDisposable {
  readonly #worker = new Worker(new URL(import.meta.url))
  readonly #module: string

  constructor(module: URL) {
    this.#module = module.href
  }

  /** Calls what the module exports under this name. One call at a time. */
  async call<T>(name: string, options: unknown): Promise<T> {
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#worker.once('message', resolve)
      this.#worker.once('error', reject)
    })
    this.#worker.postMessage({ module: this.#module, name, options } satisfies Call)
    const answer = await answered
    this.#worker.removeAllListeners('message').removeAllListeners('error')
    if ('error' in answer) throw new Error(answer.error)
    return answer.result as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}

if (!isMainThread)
  parentPort?.on('message', async ({ module, name, options }: Call) => {
    let answer: Answer
    try {
      answer = { result: await (await import(module))[name](options) }
    } catch (error) {
      answer = { error: `${(error as Error).stack ?? error}` }
    }
    parentPort?.postMessage(answer)
  })
