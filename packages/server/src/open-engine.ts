import { Engine, type EngineOptions } from '@aquifer/engine'
import { checkUsable, explainStoreFailure } from './store-failure.js'

/** @throws {@link CommandFailure} `directory` or `damaged`, saying what a person can do about it. */
export async function openEngine(
  directory: string,
  options: Pick<
    EngineOptions,
    | 'background'
    | 'createIfMissing'
    | 'lifecycleDaySeconds'
    | 'sealingKey'
    | 'eventTargets'
    | 'connectReplicationTarget'
  > = {},
): Promise<Engine> {
  try {
    await checkUsable(directory)
    return await Engine.open({ ...options, directory })
  } catch (error) {
    throw explainStoreFailure(error, directory)
  }
}

/** To look into a store, which is left as it is. */
export const openToInspect = (directory: string): Promise<Engine> =>
  openEngine(directory, { background: false, createIfMissing: false })
