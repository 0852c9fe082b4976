import { MessageChannel, Worker } from 'node:worker_threads'
import type { Engine } from '@aquifer/engine'
import { type EngineService, serveEngine } from '@aquifer/engine/threads'
import type { RootCredentials } from '../credentials.js'
import { CommandFailure } from '../failure.js'
import type { FromThread, ThreadData, ToThread } from './messages.js'

/** The near end of a thread that does HTTP. */
export class HttpThread {
  readonly port: number
  /** Resolves when it has ended, with what has ended it where it was not told to. */
  readonly ended: Promise<Error | undefined>
  readonly startedMs = performance.now()
  readonly #worker: Worker
  readonly #drained: Promise<number>
  readonly #serving: Promise<void>
  #service: EngineService | undefined

  private constructor(worker: Worker, port: number, ended: Promise<Error | undefined>) {
    this.#worker = worker
    this.port = port
    this.ended = ended
    this.#drained = told(worker, ended, 'drained').then((message) => message?.cut ?? 0)
    this.#serving = told(worker, ended, 'serving').then(() => {})
  }

  /**
   * Resolves when it listens.
   *
   * @throws {@link CommandFailure} `usage`, `address`; any other error where there are no threads to be had.
   */
  static async start(data: ThreadData, writeLog: (lines: string) => void): Promise<HttpThread> {
    const worker = new Worker(new URL('./http-thread.worker.js', import.meta.url), {
      workerData: data,
      // Not with the flags that this process was started with: they are not all for threads.
      execArgv: [],
      name: 'http',
    })
    let failure: Error | undefined
    const ended = new Promise<Error | undefined>((resolve) => {
      worker.once('error', (error) => {
        failure = error as Error
      })
      worker.once('exit', () => resolve(failure))
    })
    const port = await new Promise<number>((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'log') writeLog(message.lines)
        else if (message.kind === 'listening') resolve(message.port)
        else if (message.kind === 'failed') {
          const { kind, message: text, remedy } = message.failure
          reject(new CommandFailure(kind, text, remedy))
        }
      })
      void ended.then((error) => reject(error ?? new Error('A thread for HTTP ended before it had begun.')))
    })
    return new HttpThread(worker, port, ended)
  }

  /** Resolves when it answers requests, or has ended. */
  async serve(engine: Engine, credentials: RootCredentials): Promise<void> {
    const { port1, port2 } = new MessageChannel()
    this.#service = serveEngine(engine, port1)
    this.#tell({ kind: 'serve', port: port2, credentials }, [port2])
    await this.#serving
  }

  /** How many requests were cut off. It has ended then, and nothing that it had asked of the engine goes on. */
  async drain(timeoutMs: number): Promise<number> {
    this.#tell({ kind: 'drain', timeoutMs })
    const cut = await this.#drained
    await this.#worker.terminate()
    await this.#service?.close()
    return cut
  }

  #tell(what: ToThread, moved: readonly MessageChannel['port1'][] = []): void {
    this.#worker.postMessage(what, moved)
  }
}

/** The first message of its kind; nothing where the thread ends without. */
function told<K extends FromThread['kind']>(
  worker: Worker,
  ended: Promise<unknown>,
  kind: K,
): Promise<Extract<FromThread, { kind: K }> | undefined> {
  return new Promise((resolve) => {
    worker.on('message', (message: FromThread) => {
      if (message.kind === kind) resolve(message as Extract<FromThread, { kind: K }>)
    })
    void ended.then(() => resolve(undefined))
  })
}
