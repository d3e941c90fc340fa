const MIB = 2 ** 20

function used(): number {
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MIB
}

/** Runs the work and says by how many MiB the memory in use grew at its highest, seen every few milliseconds. */
export async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const before = used()
  let highest = before
  const timer = setInterval(() => {
    highest = Math.max(highest, used())
  }, 5)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return Math.max(highest, used()) - before
}
