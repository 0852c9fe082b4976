import { z } from 'zod'
import { parseSealingKey } from '../sealing-key.js'

/** It has no flag: a command line is readable by every user of the machine. */
export const sealingKeySetting = {
  help: 'the key that secrets are sealed under, instead of the generated one',
  schema: z
    .string()
    .refine((text) => parseSealingKey(text) !== undefined, 'must be 32 bytes in Base64 or hexadecimal')
    .transform((text) => parseSealingKey(text)!)
    .optional(),
}
