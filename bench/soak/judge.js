/**
 * Compares what people got with what SIP sent: a login is right only if SIP sent a complete, genuine response, and it
 * opens that person's account.
 *
 * @param outcomes the results of `logIn`
 * @param {Map<string, string>} delivered token id to userId
 */
export function judge(outcomes, delivered) {
  const counts = {
    tried: outcomes.length,
    logins: 0,
    refusals: 0,
    wronglyAccepted: 0,
    wronglyRefused: 0,
    hung: 0,
  }
  const codes = {}
  for (const { id, status, code = 'login', identities } of outcomes) {
    const userId = delivered.get(id)
    if (status === 0) {
      counts.hung++
    } else if (status === 200) {
      counts.logins++
      if (userId === undefined || identities.length !== 1 || identities[0] !== userId)
        counts.wronglyAccepted++
    } else {
      counts.refusals++
      if (userId !== undefined) counts.wronglyRefused++
    }
    codes[code] = (codes[code] ?? 0) + 1
  }
  return { ...counts, codes }
}
