// Writes docs/operations.md from the table of operations, as it was last built.
import { writeFile } from 'node:fs/promises'
import { operationsDocument } from '../packages/http-adapter/dist-test/operations-document.js'

await writeFile(new URL('../docs/operations.md', import.meta.url), operationsDocument())
