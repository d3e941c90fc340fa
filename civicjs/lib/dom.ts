export function element(tag: string, className: string): HTMLElement {
  const node = document.createElement(tag)
  node.className = className
  return node
}

export function remove(node: Node): void {
  node.parentNode?.removeChild(node)
}

export function removeAll(selector: string): void {
  const nodes = document.querySelectorAll(selector)
  Array.prototype.forEach.call(nodes, remove)
}

export function empty(node: Node): void {
  while (node.firstChild !== null) node.removeChild(node.firstChild)
}
