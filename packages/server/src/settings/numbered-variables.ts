import type { Environment } from './read-settings.js'

/** A thing of which there may be many, each set up by variables that end in its ID. */
export interface NumberedFamily<Field extends string> {
  /** Such as `LAMBDA_WEBHOOK`: `AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_ID`. */
  readonly name: string
  readonly fields: readonly Field[]
}

/** A webhook that is a function behind Object Lambda. */
export const lambdaWebhookVariables = {
  name: 'LAMBDA_WEBHOOK',
  fields: ['ENABLE', 'ENDPOINT', 'AUTH_TOKEN', 'CLIENT_CERT', 'CLIENT_KEY'],
} as const

/** Of the field that says whether a member is in use: whatever else it says, it is. */
export const isSwitchedOff = (text: string | undefined): boolean => /^(off|false|no|0)$/i.test(text ?? '')

/** MinIO calls the one without an ID so. */
const WITHOUT_ID = '_'

/**
 * What the environment says of each member of a family, by ID. The names that MinIO AIStor has are read too, and
 * Aquifer's own win where both are there. Empty ones count as not set.
 */
export function numberedVariables<Field extends string>(
  { name, fields }: NumberedFamily<Field>,
  environment: Environment,
): Map<string, Partial<Record<Field, string>>> {
  const found = new Map<string, Partial<Record<Field, string>>>()
  for (const owner of ['MINIO', 'AQUIFER']) {
    for (const [variable, value] of Object.entries(environment)) {
      const member = memberOf(variable, `${owner}_${name}_`, fields)
      if (member === undefined || value === undefined || value === '') continue
      const known: Partial<Record<Field, string>> = found.get(member.id) ?? {}
      known[member.field] = value
      found.set(member.id, known)
    }
  }
  return found
}

/** Whether a variable belongs to a family, and so is none that is misspelt. */
export function isOfFamily({ name, fields }: NumberedFamily<string>, variable: string): boolean {
  return memberOf(variable, `AQUIFER_${name}_`, fields) !== undefined
}

function memberOf<Field extends string>(
  variable: string,
  prefix: string,
  fields: readonly Field[],
): { field: Field; id: string } | undefined {
  if (!variable.startsWith(prefix)) return undefined
  const rest = variable.slice(prefix.length)
  const field = fields.find((each) => rest === each || rest.startsWith(`${each}_`))
  if (field === undefined) return undefined
  const id = rest.slice(field.length + 1)
  return { field, id: id === '' ? WITHOUT_ID : id }
}
