/** The strategy that made each UserData. Kept outside, so that a person's data contains only the items. */
const providers = new WeakMap<object, string>()

/** Records which strategy verified a person. @param data the person's UserData */
export function nameProvider(data: object, provider: string): void {
  providers.set(data, provider)
}

/** The strategy that verified a person; `civic` for a client alone. */
export function providerOf(data: object): string {
  return providers.get(data) ?? 'civic'
}
