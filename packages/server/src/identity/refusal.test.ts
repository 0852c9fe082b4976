import assert from 'node:assert/strict'
import test from 'node:test'
import { refusal } from './refusal.js'

for (const [name, code, message, remedy] of [
  ['policy/add', 'EntityAlreadyExists', 'The policy "a" is there already.', /"--replace"/],
  ['user/add', 'EntityAlreadyExists', 'The user "a" is there already.', /remove that one first/],
  ['replicate/resync', 'InvalidRequest', 'A resync of the target is going on.', /--status.* --cancel/],
  [
    'replicate/cancel-resync',
    'InvalidRequest',
    'No resync of the target is going on.',
    /--status.* last one/,
  ],
  ['replicate/resync', 'InvalidRequest', 'Of another kind.', /^"aquifer replicate resync --help" says/],
  [
    'replicate/add',
    'ReplicationTargetRefused',
    'The bucket has no versioning enabled.',
    /put-bucket-versioning/,
  ],
  [
    'replicate/add',
    'ReplicationTargetRefused',
    'a:9 could not be called: ECONNREFUSED.',
    /a server runs there/,
  ],
  [
    'replicate/add',
    'ReplicationTargetRefused',
    'a:9 could not be called: self-signed.',
    /NODE_EXTRA_CA_CERTS/,
  ],
  ['replicate/update', 'ReplicationTargetRefused', '403 InvalidAccessKeyId: no', /"aquifer user add" prints/],
] as const)
  test(`${name} that is refused with "${message}" says what to do about it`, () => {
    const { kind, remedy: told } = refusal(name, code, message)
    assert.equal(kind, 'refused')
    assert.match(told, remedy)
  })
