/** A broker's client package is not there, or not one that can be loaded. */
export class MissingClientError extends Error {
  override readonly name = 'MissingClientError'
  readonly packageName: string
  constructor(packageName: string, cause: unknown) {
    super(
      `The package "${packageName}" cannot be loaded: install it beside Aquifer, as by npm install ${packageName}.`,
      {
        cause,
      },
    )
    this.packageName = packageName
  }
}

/** Clients are optional: one is loaded when a target that needs it is made. @throws {@link MissingClientError} */
export async function loadClient<T>(packageName: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    throw new MissingClientError(packageName, error)
  }
}
