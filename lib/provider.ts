/** The name of the strategy that made each; kept apart, so that a person's data holds nothing but the items. */
const providers = new WeakMap<object, string>()

/** Says which strategy verified a person. @param data the person's UserData */
export function nameProvider(data: object, provider: string): void {
  providers.set(data, provider)
}

/** The strategy that verified a person; `civic` for a client alone. */
export function providerOf(data: object): string {
  return providers.get(data) ?? 'civic'
}
