import test from 'node:test'
import { PowerCutDirectory } from './power-cut.js'

/** A directory whose power can be cut, gone with the test file's end; or why there is none on this machine. */
export async function usePowerCuts(): Promise<{
  power: PowerCutDirectory | undefined
  skip: string | false
}> {
  const opened = await PowerCutDirectory.open()
  if ('unavailable' in opened) return { power: undefined, skip: opened.unavailable }
  test.after(() => opened[Symbol.asyncDispose]())
  return { power: opened, skip: false }
}
