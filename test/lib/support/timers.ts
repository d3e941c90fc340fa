/**
 * How many timers keep this process alive. Read it after one turn of an async test, since mocha sets one of its own
 * once the test has returned a promise; compare with `<=`, since one of an earlier test may end meanwhile.
 */
export const timers = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
