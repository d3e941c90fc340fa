/**
 * Puts a Civic button into `parent` and returns it.
 * @param parent an element, a selector, or a jQuery object
 * @throws TypeError where there is no such element
 */
export function injectButton(
  parent: Element | string | ArrayLike<Element>,
  text = 'Log in with Civic',
): HTMLButtonElement {
  const place = elementOf(parent)
  if (place === null) throw new TypeError('injectButton needs an element of the page to put the button into')
  const label = document.createElement('span')
  label.appendChild(document.createTextNode(text))
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'civic-button-a medium'
  button.appendChild(label)
  place.appendChild(button)
  return button
}

function elementOf(parent: Element | string | ArrayLike<Element> | null | undefined): Element | null {
  if (typeof parent === 'string') return document.querySelector(parent)
  if (parent instanceof Element) return parent
  return parent?.[0] ?? null
}
