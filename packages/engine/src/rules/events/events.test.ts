import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventName, NotificationRule } from '../../contract/events.js'
import { isEngineError } from '../../errors.js'
import { checkNotification } from './check-notification.js'
import { formatEventArn, parseEventArn } from './event-arn.js'
import { allEventNames, isEventName, nameFor } from './event-names.js'
import { targetsOf, toEventRule } from './event-rules.js'

test('an ARN of a target has six parts, a known type, and any region', () => {
  for (const [arn, parsed] of [
    ['arn:minio:sqs::hook:webhook', { region: '', id: 'hook', type: 'webhook' }],
    ['arn:minio:sqs:us-east-1:_:redis', { region: 'us-east-1', id: '_', type: 'redis' }],
    ['arn:minio:sqs::hook:pigeon', undefined],
    ['arn:minio:sqs::hook', undefined],
    ['arn:minio:sqs::hook:webhook:', undefined],
    ['arn:minio:sqs:::webhook', undefined],
    ['arn:minio:sqs::a b:webhook', undefined],
    ['arn:aws:sqs:us-east-1:1:queue', undefined],
    ['', undefined],
  ] as const)
    assert.deepEqual(parseEventArn(arn), parsed, arn)
  assert.equal(formatEventArn({ id: 'hook', type: 'nats' }), 'arn:minio:sqs::hook:nats')
})

test('names and their groups can be asked for, and nothing else', () => {
  for (const name of [
    's3:ObjectCreated:Put',
    's3:ObjectCreated:*',
    's3:ObjectTagging:*',
    's3:LifecycleExpiration:Delete',
  ])
    assert.ok(isEventName(name), name)
  for (const name of [
    '',
    '*',
    's3:*',
    's3:ObjectCreated',
    's3:ObjectCreated:put',
    's3:TestEvent',
    'constructor',
  ])
    assert.ok(!isEventName(name), name)
  for (const name of allEventNames) assert.ok(isEventName(name), name)
})

test('an event is called as the rule that asks for it calls it', () => {
  const cases: [EventName, string[], EventName | undefined, boolean?][] = [
    ['s3:ObjectCreated:Put', ['s3:ObjectCreated:Put'], 's3:ObjectCreated:Put'],
    ['s3:ObjectCreated:Put', ['s3:ObjectCreated:*'], 's3:ObjectCreated:Put'],
    ['s3:ObjectCreated:Put', ['s3:ObjectCreated:Post'], undefined],
    ['s3:ObjectCreated:PutTagging', ['s3:ObjectTagging:*'], 's3:ObjectTagging:Put'],
    [
      's3:ObjectCreated:PutTagging',
      ['s3:ObjectTagging:*', 's3:ObjectCreated:*'],
      's3:ObjectCreated:PutTagging',
    ],
    ['s3:ObjectRemoved:Delete', ['s3:LifecycleExpiration:*'], undefined],
    ['s3:ObjectRemoved:Delete', ['s3:LifecycleExpiration:*'], 's3:LifecycleExpiration:Delete', true],
    ['s3:ObjectRemoved:Delete', ['s3:ObjectRemoved:*'], 's3:ObjectRemoved:Delete', true],
    ['s3:BucketCreated:*', ['s3:BucketCreated:*'], 's3:BucketCreated:*'],
  ]
  for (const [event, names, called, isLifecycle = false] of cases)
    assert.equal(nameFor(event, new Set(names), { isLifecycle }), called, `${event} for ${names}`)
})

test('prefix and suffix are asked each for itself, as they stand, and each target is told once', () => {
  const cases: [prefix: string, suffix: string, key: string, matches: boolean][] = [
    ['', '', 'a', true],
    ['ab', 'bc', 'abc', true],
    ['a*', '', 'abc', false],
    ['a*', '', 'a*c', true],
    ['a', 'b', 'ac', false],
    ['', '.gz', 'x.gz', true],
    ['abc', '', 'ab', false],
  ]
  for (const [prefix, suffix, key, matches] of cases) {
    const rule = toEventRule('who', { names: ['s3:ObjectCreated:*'], prefix, suffix })
    const told = targetsOf([rule, rule], { name: 's3:ObjectCreated:Put', bucket: 'b', key })
    assert.deepEqual([...told.keys()], matches ? ['who'] : [], `${prefix}…${suffix} ${key}`)
  }
})

const rule: NotificationRule = { arn: 'arn:minio:sqs:eu:hook:webhook', names: ['s3:ObjectCreated:*'] }

test('a configuration is taken with the ARNs as the store knows them', () => {
  assert.deepEqual(checkNotification({ rules: [rule] }).rules, [
    { ...rule, arn: 'arn:minio:sqs::hook:webhook' },
  ])
  const other = { ...rule, arn: 'arn:minio:sqs::other:nats' }
  checkNotification({ rules: [rule, other] })
  checkNotification({ rules: [rule, { ...rule, names: ['s3:ObjectRemoved:*'] }] })
  checkNotification({
    rules: [
      { ...rule, prefix: 'a/' },
      { ...rule, prefix: 'b/' },
    ],
  })
  checkNotification({
    rules: [
      { ...rule, suffix: '.a' },
      { ...rule, suffix: '.b' },
    ],
  })
})

test('what cannot be meant is refused', () => {
  const refused: Record<string, NotificationRule[]> = {
    'no event': [{ ...rule, names: [] }],
    'an unknown event': [{ ...rule, names: ['s3:ObjectEaten'] }],
    'the same event twice': [{ ...rule, names: ['s3:ObjectCreated:Put', 's3:ObjectCreated:Put'] }],
    'no ARN': [{ ...rule, arn: 'hook' }],
    'a long prefix': [{ ...rule, prefix: 'a'.repeat(1_025) }],
    'a prefix with dots for a segment': [{ ...rule, prefix: 'a/../b' }],
    'a suffix with a backslash': [{ ...rule, suffix: '\\' }],
    'half a character': [{ ...rule, suffix: '\ud800' }],
    'the same rule twice': [rule, rule],
    'rules of a target that overlap': [rule, { ...rule, names: ['s3:ObjectCreated:Put'], prefix: 'a' }],
    'overlapping prefixes': [
      { ...rule, prefix: 'a' },
      { ...rule, prefix: 'ab' },
    ],
    'two rules of one id': [
      { ...rule, id: 'x' },
      { ...rule, id: 'x', names: ['s3:ObjectRemoved:*'] },
    ],
    'a long id': [{ ...rule, id: 'x'.repeat(256) }],
    'too many rules': Array.from({ length: 101 }, (_, at) => ({ ...rule, prefix: `${at}/` })),
  }
  for (const [what, rules] of Object.entries(refused))
    assert.throws(
      () => checkNotification({ rules }),
      (error) => isEngineError(error, 'InvalidArgument'),
      what,
    )
})
