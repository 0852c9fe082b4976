import assert from 'node:assert/strict'
import test from 'node:test'
import { limits } from '../limits.js'
import { FailedAttempts } from './failed-attempts.js'

function counting() {
  let now = 0
  const attempts = new FailedAttempts(() => now)
  const isSlowed = (key: string, address: string | undefined): boolean => {
    try {
      attempts.check(key, () => address)
      return false
    } catch (error) {
      assert.equal((error as { code: string }).code, 'SlowDown')
      return true
    }
  }
  return {
    attempts,
    isSlowed,
    wait(seconds: number): void {
      now += seconds * 1_000
    },
  }
}

test('who fails often with one key from one address is slowed down there, and nobody else is', () => {
  const { attempts, isSlowed } = counting()
  for (let failure = 0; failure < limits.failedSignaturesMax; failure++) {
    assert.equal(isSlowed('KEY', '203.0.113.1'), false)
    attempts.failed('KEY', '203.0.113.1')
  }
  assert.equal(isSlowed('KEY', '203.0.113.1'), true)
  assert.equal(isSlowed('KEY', '203.0.113.2'), false)
  assert.equal(isSlowed('OTHER', '203.0.113.1'), false)
})

test('failures are forgiven with time, at the rate at which one can go on trying', () => {
  const { attempts, isSlowed, wait } = counting()
  for (let failure = 0; failure < limits.failedSignaturesMax; failure++) attempts.failed('KEY', 'a')
  for (let second = 0; second < 10; second++) {
    assert.equal(isSlowed('KEY', 'a'), true)
    wait(1 / limits.failedSignaturesForgivenPerSecond)
    assert.equal(isSlowed('KEY', 'a'), false)
    attempts.failed('KEY', 'a')
  }
  wait(3_600)
  attempts.failed('KEY', 'a')
  assert.equal(isSlowed('KEY', 'a'), false)
})

test('an IPv6 network counts as one address', () => {
  const { attempts, isSlowed } = counting()
  for (let failure = 0; failure < limits.failedSignaturesMax; failure++)
    attempts.failed('KEY', `2001:DB8:1:2::${failure.toString(16)}`)
  assert.equal(isSlowed('KEY', '2001:db8:1:2:aaaa::1'), true)
  assert.equal(isSlowed('KEY', '2001:db8:1:3::1'), false)
})

test('what is remembered has a bound, and the oldest is forgotten first', () => {
  const { attempts, isSlowed } = counting()
  for (let failure = 0; failure < limits.failedSignaturesMax; failure++) attempts.failed('KEY', 'a')
  for (let other = 1; other < limits.failedSignaturesRemembered; other++) attempts.failed('KEY', `${other}`)
  assert.equal(isSlowed('KEY', 'a'), true)
  attempts.failed('KEY', 'one more')
  assert.equal(isSlowed('KEY', 'a'), false)
})
