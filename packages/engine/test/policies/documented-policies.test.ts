import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { contextKey, decide, type PolicyPrincipal, parsePolicy } from '@aquifer/engine'

const page = await readFile(new URL('../../../../docs/policies.md', import.meta.url), 'utf8')

/** A policy of the page, and the table that follows it. */
const EXAMPLE = /### (?<title>.+)\n(?:(?!###)[\s\S])*?```json\n(?<json>[^`]+)```\n\n(?<table>(?:\|.*\n)+)/g

function principalOf(name: string): PolicyPrincipal {
  if (name === 'anonymous') return { type: 'anonymous' }
  const who = { userId: `id of ${name}`, userName: name, accessKeyId: 'KEY' }
  if (name === 'root') return { type: 'root', ...who }
  return { type: 'user', ...who, groups: [], principalType: 'User' }
}

const contextOf = (circumstances: string) =>
  new Map(
    circumstances
      .split(' ')
      .filter((each) => each !== '')
      .map((each): [string, string[]] => {
        const [key = '', value = ''] = each.split('=')
        return [contextKey(key), [value]]
      }),
  )

for (const { groups } of page.matchAll(EXAMPLE)) {
  const { title = '', json = '', table = '' } = groups!
  const [, , ...rows] = table.trim().split('\n')
  const isOfBucket = json.includes('Principal"')
  test(`the page on policies is right: ${title}`, () => {
    assert.ok(rows.length > 0)
    for (const row of rows) {
      const [, who, action, resource, circumstances, answer] = row.split('|').map((cell) => cell.trim())
      const bucket = resource!.split('/', 1)[0]!
      const policy = parsePolicy(json, isOfBucket ? 'bucket' : 'identity', { bucket })
      const decision = decide(
        {
          identity: isOfBucket ? [] : [{ name: title, policy }],
          boundaries: [],
          ...(isOfBucket && { bucket: policy }),
        },
        {
          principal: principalOf(who!),
          action: action!,
          resource: `arn:aws:s3:::${resource}`,
          context: contextOf(circumstances!),
        },
      )
      assert.equal(decision.reason, answer, row)
    }
  })
}

test('the page on policies has its examples', () => {
  assert.equal([...page.matchAll(EXAMPLE)].length, 5)
})

test('policies can speak of every action that the page on operations names', async () => {
  const operations = await readFile(new URL('../../../../docs/s3-compatibility.md', import.meta.url), 'utf8')
  const actions = new Set(
    Array.from(operations.matchAll(/\b(?:s3[a-z-]*|sts|admin):\w+/g), ([action]) => action),
  )
  assert.ok(actions.size > 80, `${actions.size} actions`)
  for (const Action of actions)
    parsePolicy({ Statement: { Effect: 'Allow', Action, Resource: '*' } }, 'identity')
})
