// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have such variables.
import assert from 'node:assert/strict'
import test from 'node:test'
import { conditionHolds, type Lookup } from './conditions.js'
import { parseJson } from './json.js'
import { parseConditions } from './parse-conditions.js'

type Value = string | number | boolean

/** Whether the condition holds for a request in which the key has these values, and `aws:username` is `alice`. */
function holds(operator: string, wanted: Value | Value[], values: readonly string[]): boolean {
  const json = parseJson(JSON.stringify({ [operator]: { 'aws:Referer': wanted } }))
  const [condition] = parseConditions(json, [['s3:getobject']], 'Condition', { variables: true })
  const lookup: Lookup = (key) => (key === 'aws:referer' ? values : [])
  return conditionHolds(condition!, lookup, (key) => (key === 'aws:username' ? 'alice' : undefined))
}

type Case = [operator: string, wanted: Value | Value[], values: string[], expected: boolean]

/** Each is tried with its negation too, which holds when it does not. */
const compared: Case[] = [
  ['StringEquals', 'a', ['a'], true],
  ['StringEquals', 'a', ['A'], false],
  ['StringEquals', ['a', 'b'], ['b'], true],
  ['StringEquals', 'a*', ['a*'], true],
  ['StringEquals', 'a*', ['ab'], false],
  ['StringEquals', '${aws:username}', ['alice'], true],
  ['StringEquals', '${aws:userid}', ['${aws:userid}'], false],
  ['StringEquals', '', [''], true],
  ['StringEquals', 5, ['5'], true],
  ['StringEquals', true, ['true'], true],
  ['StringEqualsIgnoreCase', 'aÄ', ['Aä'], true],
  ['StringEqualsIgnoreCase', '${aws:username}', ['ALICE'], true],
  ['StringEqualsIgnoreCase', 'a', ['b'], false],
  ['StringLike', 'a*', ['ab'], true],
  ['StringLike', 'a*', ['AB'], false],
  ['StringLike', 'a?', ['ab'], true],
  ['StringLike', '${aws:username}/*', ['alice/x'], true],
  ['StringLike', 'a${*}', ['ab'], false],
  ['StringLike', ['x', '*b'], ['ab'], true],
  ['NumericEquals', '10', ['10.0'], true],
  ['NumericEquals', 10, ['11'], false],
  ['NumericEquals', 10, ['ten'], false],
  ['NumericEquals', 0, [''], false],
  ['NumericEquals', '-1.5', ['-1.50'], true],
  ['DateEquals', '2026-01-02T03:04:05Z', ['2026-01-02T04:04:05+01:00'], true],
  ['DateEquals', '2026-01-02T03:04:05Z', ['1767323045'], true],
  ['DateEquals', 1767323045, ['2026-01-02T03:04:05.000Z'], true],
  ['DateEquals', '2026-01-02', ['2026-01-02T00:00:00Z'], true],
  ['DateEquals', '2026-01-02', ['yesterday'], false],
  ['ArnEquals', 'arn:aws:iam:::user/alice', ['arn:aws:iam:::user/alice'], true],
  ['ArnEquals', 'arn:aws:iam:::user/*', ['arn:aws:iam:::user/alice'], true],
  ['ArnLike', 'arn:aws:iam::*:user/${aws:username}', ['arn:aws:iam::1:user/alice'], true],
  ['ArnLike', 'arn:aws:*::*:user/alice', ['arn:aws:iam:a:1:user/alice'], false],
  ['ArnLike', 'arn:*:*:*:*:*', ['arn:aws:sns:a:1:b:c'], true],
  ['ArnLike', 'arn:aws:s?s:*:*:b:?', ['arn:aws:sqs:a:1:b:c'], true],
  ['ArnLike', '*', ['arn:aws:iam:::user/alice'], true],
  ['ArnLike', '*', ['alice'], false],
  ['ArnLike', '*', ['a:b:c:d:e:f'], false],
  ['ArnLike', '*:*:*:*:*:*', ['a:b:c:d:e:f'], false],
  ['IpAddress', '192.0.2.0/24', ['192.0.2.9'], true],
  ['IpAddress', ['203.0.113.0/24', '2001:db8::/32'], ['2001:db8::1'], true],
  ['IpAddress', '192.0.2.0/24', ['192.0.3.9'], false],
  ['IpAddress', '192.0.2.0/24', ['nowhere'], false],
]

const negations: Readonly<Record<string, string>> = {
  StringEquals: 'StringNotEquals',
  StringEqualsIgnoreCase: 'StringNotEqualsIgnoreCase',
  StringLike: 'StringNotLike',
  NumericEquals: 'NumericNotEquals',
  DateEquals: 'DateNotEquals',
  ArnEquals: 'ArnNotEquals',
  ArnLike: 'ArnNotLike',
  IpAddress: 'NotIpAddress',
}

for (const [operator, wanted, values, expected] of compared)
  test(`${operator} ${JSON.stringify(wanted)} ${expected ? 'holds' : 'does not hold'} for ${values}, and its negation says the opposite`, () => {
    assert.equal(holds(operator, wanted, values), expected)
    assert.equal(holds(negations[operator]!, wanted, values), !expected)
  })

const others: Case[] = [
  ['NumericLessThan', '5', ['4.9'], true],
  ['NumericLessThan', '5', ['5'], false],
  ['NumericLessThan', '5', ['x'], false],
  ['NumericLessThanEquals', '5', ['5'], true],
  ['NumericLessThanEquals', '5', ['6'], false],
  ['NumericGreaterThan', '5', ['6'], true],
  ['NumericGreaterThan', '5', ['5'], false],
  ['NumericGreaterThanEquals', '5', ['5'], true],
  ['NumericGreaterThanEquals', '5', ['4'], false],
  ['NumericGreaterThanEquals', '5', ['x'], false],
  ['DateLessThan', '2026-01-02T00:00:00Z', ['2026-01-01T23:59:59Z'], true],
  ['DateLessThan', '2026-01-02T00:00:00Z', ['2026-01-02T00:00:00Z'], false],
  ['DateLessThanEquals', '2026-01-02T00:00:00Z', ['2026-01-02T00:00:00Z'], true],
  ['DateLessThanEquals', '2026-01-02T00:00:00Z', ['2026-01-03'], false],
  ['DateGreaterThan', '2026-01-02T00:00:00Z', ['2026-01-02T00:00:01Z'], true],
  ['DateGreaterThan', '2026-01-02T00:00:00Z', ['2026-01-02T00:00:00Z'], false],
  ['DateGreaterThanEquals', '2026-01-02T00:00:00Z', ['2026-01-02T00:00:00Z'], true],
  ['DateGreaterThanEquals', '2026-01-02T00:00:00Z', ['never'], false],
  ['Bool', 'true', ['true'], true],
  ['Bool', false, ['FALSE'], true],
  ['Bool', 'True', ['false'], false],
  ['BinaryEquals', 'YcOk', ['aä'], true],
  ['BinaryEquals', 'YcOk', ['YcOk'], false],
  ['Null', 'true', [], true],
  ['Null', true, ['a'], false],
  ['Null', 'false', ['a'], true],
  ['Null', 'false', [], false],
  ['Null', 'false', [''], true],
]

for (const [operator, wanted, values, expected] of others)
  test(`${operator} ${JSON.stringify(wanted)} ${expected ? 'holds' : 'does not hold'} for ${JSON.stringify(values)}`, () => {
    assert.equal(holds(operator, wanted, values), expected)
  })

const several: Case[] = [
  ['StringEquals', ['a', 'b'], ['x', 'b'], true],
  ['StringNotEquals', ['a', 'b'], ['x', 'b'], false],
  ['StringNotEquals', ['a', 'b'], ['x', 'y'], true],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['x', 'b'], true],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['x'], false],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'a'], true],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'x'], false],
  ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], true],
  ['ForAnyValue:StringNotEquals', 'a', ['a'], false],
  ['ForAllValues:StringNotEquals', 'a', ['a', 'b'], false],
  ['ForAllValues:StringNotEquals', 'a', ['b', 'c'], true],
  ['ForAllValues:StringLike', 'a*', ['ab', 'ac'], true],
  ['ForAllValues:NumericLessThan', 5, ['1', '9'], false],
  ['ForAnyValue:IpAddress', '192.0.2.0/24', ['203.0.113.1', '192.0.2.1'], true],
]

for (const [operator, wanted, values, expected] of several)
  test(`of several values: ${operator} ${JSON.stringify(wanted)} ${expected ? 'holds' : 'does not hold'} for ${values}`, () => {
    assert.equal(holds(operator, wanted, values), expected)
  })

/** A value each kind of operator takes. */
const samples: Readonly<Record<string, Value>> = {
  Numeric: 5,
  Date: '2026-01-02',
  Bool: true,
  Binary: 'YcOk',
  Arn: '*',
  Ip: '::/0',
  NotIp: '::/0',
}
const sampleFor = (operator: string): Value =>
  Object.entries(samples).find(([beginning]) => operator.startsWith(beginning))?.[1] ?? 'a'

const operators = new Set([...compared, ...others].map(([operator]) => operator))
operators.delete('Null')
for (const operator of [...operators, ...Object.values(negations)])
  test(`${operator} and what stands before and after it, when the key is absent`, () => {
    const isNegated = Object.values(negations).includes(operator)
    const value = sampleFor(operator)
    assert.equal(holds(operator, value, []), isNegated)
    assert.equal(holds(`${operator}IfExists`, value, []), true)
    assert.equal(holds(`ForAllValues:${operator}`, value, []), true)
    assert.equal(holds(`ForAnyValue:${operator}`, value, []), false)
    assert.equal(holds(`ForAnyValue:${operator}IfExists`, value, []), true)
    assert.equal(holds(`ForAllValues:${operator}IfExists`, value, []), true)
  })

test('IfExists changes nothing when the key is there', () => {
  for (const [operator, wanted, values, expected] of [...compared, ...others, ...several])
    if (operator !== 'Null') assert.equal(holds(`${operator}IfExists`, wanted, values), expected, operator)
})
