import type { Policy, PolicyKind } from '../../contract/policy.js'
import { EngineError, malformedPolicy } from '../../errors.js'
import { limits } from '../../limits.js'
import { type Json, type JsonObject, parseJson } from './json.js'
import { membersOf } from './members.js'
import { parseStatement } from './parse-statement.js'
import { variablesOf } from './pattern.js'
import type { Statement } from './statement.js'

/**
 * Reads a policy.
 *
 * @param source JSON as text, or what such a text stands for.
 * @param kind What it is for: that decides what it may say.
 * @param options `bucket`: the name of the bucket that a bucket's policy is for, which its resources must be of.
 * @throws {@link EngineError} `MalformedPolicy`, saying where and why; `PolicyTooLarge`.
 * @see IAM User Guide, "Grammar of the IAM JSON policy language"; S3 User Guide, "Bucket policies".
 */
export function parsePolicy(source: unknown, kind: PolicyKind, options: { bucket?: string } = {}): Policy {
  const text = typeof source === 'string' ? source : (JSON.stringify(source) ?? '')
  checkSize(text, kind)
  const document = parseJson(text)
  if (!(document instanceof Map)) throw malformedPolicy('Policies must be JSON objects')
  const { Version, Id, ID, Statement } = membersOf(document, ['Version', 'Id', 'ID', 'Statement'], '')
  const version = readVersion(Version)
  const id = readId(Id ?? ID)
  const context = { kind, variables: version === '2012-10-17', ...options }
  const statements = listStatements(Statement).map(([statement, where]) =>
    parseStatement(statement, where, context),
  )
  return { version, ...(id !== undefined && { id }), statements, contextKeys: contextKeysOf(statements) }
}

function checkSize(text: string, kind: PolicyKind): void {
  const [sizeBytes, maximumBytes] =
    kind === 'session'
      ? [text.length, limits.sessionPolicyMaxChars]
      : [Buffer.byteLength(text), limits.policyMaxBytes]
  if (sizeBytes <= maximumBytes) return
  throw new EngineError('PolicyTooLarge', `The policy has ${sizeBytes} bytes; ${maximumBytes} are allowed.`, {
    sizeBytes,
    maximumBytes,
  })
}

function readVersion(version: Json | undefined): Policy['version'] {
  if (version === undefined || version === '2008-10-17') return '2008-10-17'
  if (version !== '2012-10-17')
    throw malformedPolicy('The policy must contain a valid version string', 'Version')
  return version
}

function readId(id: Json | undefined): string | undefined {
  if (id === undefined || typeof id === 'string') return id
  throw malformedPolicy('The policy has an id that is no text', 'Id')
}

function listStatements(statement: Json | undefined): [JsonObject, string][] {
  if (statement === undefined) throw malformedPolicy('Missing required field Statement')
  const list = Array.isArray(statement) ? (statement as readonly Json[]) : [statement]
  if (list.length === 0) throw malformedPolicy('Statement is empty', 'Statement')
  return list.map((element, at) => {
    const where = Array.isArray(statement) ? `Statement[${at}]` : 'Statement'
    if (!(element instanceof Map)) throw malformedPolicy('A statement must be a JSON object', where)
    return [element, where]
  })
}

function contextKeysOf(statements: readonly Statement[]): ReadonlySet<string> {
  return new Set(
    statements.flatMap(({ resources, conditions }) => [
      ...(resources?.patterns.flatMap(variablesOf) ?? []),
      ...conditions.flatMap(({ contextKey, values }) => [contextKey, ...values.flatMap(variablesOf)]),
    ]),
  )
}
