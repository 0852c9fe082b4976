import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type ApplicablePolicies,
  type Decision,
  decide,
  formatPolicy,
  type NamedPolicy,
  type PolicyKind,
  parsePolicy,
} from '@aquifer/engine'
import fc from 'fast-check'
import { boundary, request, situation } from './random-policies.js'
import { type Document, judge, type Situation, statementApplies } from './reference-evaluator.js'

const RUNS = 10_000
const requests = fc.array(request, { minLength: 3, maxLength: 3 })

const named = (name: string, documents: readonly Document[], kind: PolicyKind): NamedPolicy[] =>
  documents.map((document, at) => ({ name: `${name} ${at}`, policy: parsePolicy(document, kind) }))

const policiesOf = ({ identity, boundaries, bucket }: Situation): ApplicablePolicies => ({
  identity: named('identity', identity, 'identity'),
  boundaries: boundaries.map((set, at) => named(`boundary ${at}`, set, 'session')),
  ...(bucket && { bucket: parsePolicy(bucket, 'bucket') }),
})

/** The statement that an answer names, as it was written. */
function written({ identity, boundaries, bucket }: Situation, by: NonNullable<Decision['by']>) {
  const [kind, ...at] = by.policy.split(' ')
  const [first, second] = at.map(Number)
  const document = { identity: identity[first!], boundary: boundaries[first!]?.[second!], bucket }[kind!]
  return document?.Statement[by.statement]
}

test('every decision is the reference evaluator’s, and the statement it names is one that applies', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(situation, requests, (documents, requests) => {
      const policies = policiesOf(documents)
      for (const asked of requests) {
        const { reason, allowed, by } = decide(policies, asked)
        assert.equal(reason, judge(documents, asked))
        assert.equal(allowed, reason === 'allow' || reason === 'root')
        seen.set(reason, (seen.get(reason) ?? 0) + 1)
        if (by === undefined) continue
        const statement = written(documents, by)!
        assert.equal(statement.Effect, allowed ? 'Allow' : 'Deny')
        assert.ok(statementApplies(statement, asked))
      }
    }),
    { numRuns: RUNS },
  )
  for (const reason of ['allow', 'root', 'explicit-deny', 'implicit-deny'])
    assert.ok((seen.get(reason) ?? 0) > RUNS / 20, `${reason}: ${seen.get(reason)}`)
})

const everything = { Action: ['*'], Resource: ['*'] }
const denied: NamedPolicy = {
  name: 'denied',
  policy: parsePolicy({ Statement: [{ Effect: 'Deny', ...everything }] }, 'identity'),
}
const deniedToAll = parsePolicy({ Statement: [{ Effect: 'Deny', Principal: '*', ...everything }] }, 'bucket')

test('a narrowed credential may do nothing that its owner may not, and a deny wins wherever it stands', () => {
  let held = 0
  fc.assert(
    fc.property(situation, boundary, requests, (documents, narrowing, requests) => {
      const owner = policiesOf(documents)
      const { identity, boundaries } = owner
      const child = { ...owner, boundaries: [...boundaries, named('narrowing', narrowing, 'session')] }
      for (const asked of requests) {
        const { principal, action } = asked
        const isAllowed = decide(owner, asked).allowed
        if (decide(child, asked).allowed) assert.ok(isAllowed)
        else if (isAllowed) held++
        const reasonWith = (change: Partial<ApplicablePolicies>) =>
          decide({ ...owner, ...change }, asked).reason
        assert.equal(reasonWith({ boundaries: [...boundaries, [denied]] }), 'explicit-deny')
        if (principal.type === 'user')
          assert.equal(reasonWith({ identity: [...identity, denied] }), 'explicit-deny')
        // Root, unless its key is narrowed, mends any policy.
        if (principal.type !== 'root' || action !== 's3:PutBucketPolicy')
          assert.equal(reasonWith({ bucket: deniedToAll }), 'explicit-deny')
      }
    }),
    { numRuns: RUNS },
  )
  assert.ok(held > RUNS / 20, `${held} were held`)
})

test('a policy that is written and read again decides as before', () => {
  fc.assert(
    fc.property(situation, requests, (documents, requests) => {
      const policies = policiesOf(documents)
      const again = (kind: PolicyKind) => (policy: NamedPolicy) => ({
        ...policy,
        policy: parsePolicy(formatPolicy(policy.policy), kind),
      })
      const reread: ApplicablePolicies = {
        identity: policies.identity.map(again('identity')),
        boundaries: policies.boundaries.map((set) => set.map(again('session'))),
        ...(policies.bucket && { bucket: parsePolicy(formatPolicy(policies.bucket), 'bucket') }),
      }
      for (const asked of requests) assert.deepEqual(decide(reread, asked), decide(policies, asked))
    }),
    { numRuns: RUNS / 10 },
  )
})
