import assert from 'node:assert/strict'
import test from 'node:test'
import type { PolicyPrincipal } from '../../contract/policy.js'
import { matchesPrincipal, principalContext } from './principals.js'

type UserType = 'User' | 'AssumedRole' | 'FederatedUser'
const user = (principalType: UserType): PolicyPrincipal => ({
  type: 'user',
  userId: 'c0ffee',
  userName: 'alice',
  accessKeyId: 'KEY',
  groups: ['staff', 'night'],
  principalType,
})
const root: PolicyPrincipal = { type: 'root', userId: 'f00d', userName: 'alice', accessKeyId: 'ROOTKEY' }
const who: Readonly<Record<string, PolicyPrincipal>> = {
  'a user': user('User'),
  'a session of hers': user('AssumedRole'),
  'her namesake elsewhere': user('FederatedUser'),
  root,
  'nobody in particular': { type: 'anonymous' },
}

const called: [type: 'AWS' | 'CanonicalUser', value: string, whom: string[]][] = [
  ['AWS', 'alice', ['a user', 'a session of hers']],
  ['AWS', 'arn:aws:iam:::user/alice', ['a user', 'a session of hers']],
  ['AWS', 'arn:aws:iam::000000000000:user/alice', ['a user', 'a session of hers']],
  ['AWS', 'arn:aws:iam:::user/bob', []],
  ['AWS', 'c0ffee', []],
  ['AWS', 'arn:aws:iam:::root', ['root']],
  ['CanonicalUser', 'c0ffee', ['a user', 'a session of hers', 'her namesake elsewhere']],
  ['CanonicalUser', 'f00d', ['root']],
  ['CanonicalUser', 'alice', []],
]

for (const [type, value, whom] of called)
  test(`${type} ${value} is ${whom.join(', ') || 'none of them'}`, () => {
    const found = Object.keys(who).filter((name) => matchesPrincipal({ type, value }, who[name]!))
    assert.deepEqual(found, whom)
  })

const said: [whom: string, key: string, values: string[] | undefined][] = [
  ['a user', 'aws:username', ['alice']],
  ['a session of hers', 'aws:username', ['alice']],
  ['her namesake elsewhere', 'aws:username', undefined],
  ['root', 'aws:username', undefined],
  ['nobody in particular', 'aws:username', undefined],
  ['a user', 'aws:userid', ['c0ffee']],
  ['nobody in particular', 'aws:userid', ['anonymous']],
  ['a user', 'aws:principaltype', ['User']],
  ['her namesake elsewhere', 'aws:principaltype', ['FederatedUser']],
  ['root', 'aws:principaltype', ['Account']],
  ['nobody in particular', 'aws:principaltype', ['Anonymous']],
  ['a user', 'aws:principalarn', ['arn:aws:iam:::user/alice']],
  ['her namesake elsewhere', 'aws:principalarn', ['arn:aws:sts:::federated-user/alice']],
  ['root', 'aws:principalarn', ['arn:aws:iam:::root']],
  ['nobody in particular', 'aws:principalarn', undefined],
  ['a user', 'aws:groups', ['staff', 'night']],
]

for (const [whom, key, values] of said)
  test(`${key} of ${whom} is ${values?.join(', ') ?? 'not there'}`, () => {
    assert.deepEqual(principalContext(who[whom]!, key), values)
  })
