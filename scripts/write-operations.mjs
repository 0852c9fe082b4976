// Writes docs/s3-compatibility.md and docs/errors.md from the tables of operations and errors, as they were last built.
import { writeFile } from 'node:fs/promises'
import { errorsDocument } from '../packages/http-adapter/dist-test/errors-document.js'
import { operationsDocument } from '../packages/http-adapter/dist-test/operations-document.js'

await writeFile(new URL('../docs/s3-compatibility.md', import.meta.url), operationsDocument())
await writeFile(new URL('../docs/errors.md', import.meta.url), errorsDocument())
