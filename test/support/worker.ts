/**
 * Loaded into each of mocha's workers: its pool sends SIGTERM to one that takes over a second to end, which would lose
 * the coverage that Node writes at the end.
 */
process.once('SIGTERM', () => process.exit())
