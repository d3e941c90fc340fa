const { reporters } = require('mocha')

/** Mocha's own report, with the count as its last line. */
module.exports = class extends reporters.Spec {
  epilogue() {
    super.epilogue()
    const { passes, failures, pending } = this.stats
    reporters.Base.consoleLog(`packages: ${passes} checks passed, ${failures} failed, ${pending} skipped`)
  }
}
