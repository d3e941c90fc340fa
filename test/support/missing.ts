/**
 * Skips the running suite or test because a program is missing, with one line that says how to install it. In CI it
 * fails instead, so that nothing is skipped silently.
 *
 * @param packages the Debian packages that contain it
 * @param variable the environment variable that can name its path instead
 */
export function missing(context: Mocha.Context, what: string, packages: string, variable?: string): never {
  const path = variable === undefined ? '' : `, or set ${variable} to its path`
  const message = `${what} not found: apt-get install ${packages}${path}`
  if (process.env.CI === 'true') throw new Error(message)
  console.log(`    skipped: ${message}`)
  return context.skip()
}
