import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../errors.js'
import { checkVersioningChange } from './versioning-state.js'

const codeOf = (decide: () => unknown): string => {
  try {
    return String(decide())
  } catch (error) {
    if (!isEngineError(error)) throw error
    return error.code
  }
}

for (const [facts, wanted, expected] of [
  [{}, 'enabled', 'enabled'],
  [{}, 'suspended', 'suspended'],
  [{}, undefined, 'IllegalVersioningConfigurationException'],
  [{}, 'off', 'IllegalVersioningConfigurationException'],
  [{ objectLock: false }, 'suspended', 'suspended'],
  [{ objectLock: true }, 'enabled', 'enabled'],
  [{ objectLock: true }, 'suspended', 'InvalidBucketState'],
] as const)
  test(`versioning set to ${wanted} with lock ${'objectLock' in facts ? facts.objectLock : 'never set'}: ${expected}`, () =>
    assert.equal(
      codeOf(() => checkVersioningChange('b', facts, wanted as 'enabled')),
      expected,
    ))
