import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { parse } from 'acorn'
import { useStage } from './stage.ts'

const built = new URL('../../civicjs/dist/', import.meta.url)
const scripts = ['civic.sip.min.js', 'civic.sip-v0.1.js', 'frame/frame.js']

/** The globals our scripts use, each one in Internet Explorer 11 (msCrypto is its name for crypto). */
const ie11Globals = [
  'ArrayBuffer',
  'DataView',
  ...[
    'Array',
    'Date',
    'Element',
    'Error',
    'HTMLElement',
    'JSON',
    'Math',
    'Node',
    'MutationObserver',
    'Number',
    'Object',
    'String',
  ],
  ...['TypeError', 'Uint32Array', 'Uint8Array', 'XMLHttpRequest', 'arguments', 'clearTimeout', 'document'],
  ...['decodeURIComponent', 'encodeURIComponent', 'setTimeout', 'undefined', 'window'],
]

/** The library's methods and properties that our scripts call by name, each one in Internet Explorer 11. */
const ie11Members = [
  // ECMAScript 5
  ...[
    'apply',
    'call',
    'ceil',
    'charAt',
    'charCodeAt',
    'concat',
    'configurable',
    'create',
    'defineProperty',
    'enumerable',
    'every',
    'exec',
  ],
  ...[
    'filter',
    'floor',
    'forEach',
    'hasOwnProperty',
    'indexOf',
    'isArray',
    'join',
    'keys',
    'length',
    'map',
    'max',
    'message',
  ],
  ...[
    'min',
    'name',
    'now',
    'parse',
    'pow',
    'prototype',
    'push',
    'replace',
    'slice',
    'split',
    'sqrt',
    'stringify',
  ],
  ...[
    'abs',
    'freeze',
    'fromCharCode',
    'match',
    'substring',
    'test',
    'toLowerCase',
    'toString',
    'trim',
    'value',
  ],
  ...['writable'],
  // Documents
  ...['activeElement', 'addEventListener', 'appendChild', 'body', 'classList', 'add', 'remove', 'className'],
  ...[
    'click',
    'contains',
    'contentWindow',
    'createElement',
    'createTextNode',
    'document',
    'documentElement',
    'firstChild',
    'focus',
    'frame',
  ],
  ...[
    'getAttribute',
    'getBoundingClientRect',
    'getElementById',
    'getElementsByTagName',
    'hidden',
    'href',
    'id',
  ],
  ...['fillRect', 'fillStyle', 'removeAttribute'],
  ...[
    'console',
    'getComputedStyle',
    'height',
    'insertBefore',
    'observe',
    'position',
    'rel',
    'style',
    'visibility',
  ],
  ...['parentNode', 'querySelector', 'querySelectorAll', 'readyState', 'referrer', 'removeChild'],
  ...[
    'removeEventListener',
    'setAttribute',
    'src',
    'tabIndex',
    'textContent',
    'title',
    'type',
    'visibilityState',
  ],
  // Events and windows
  ...[
    'data',
    'event',
    'history',
    'key',
    'localStorage',
    'location',
    'navigator',
    'origin',
    'parent',
    'postMessage',
  ],
  ...['preventDefault', 'replaceState', 'source', 'state', 'stopPropagation', 'target', 'userAgent'],
  ...['hash', 'host', 'pathname', 'protocol', 'search', 'maxTouchPoints', 'getItem', 'removeItem', 'setItem'],
  ...['getRandomValues', 'msCrypto'],
  // Requests
  ...[
    'abort',
    'onerror',
    'onload',
    'ontimeout',
    'open',
    'responseText',
    'send',
    'setRequestHeader',
    'status',
  ],
  ...['timeout'],
]

/** What sites pass us, and Civic's servers send. */
const protocol = [
  ...[
    'stage',
    'version',
    'api',
    'url',
    'hideIntro',
    'scopeRequest',
    'uuid',
    'imageUri',
    'isTest',
    'statusCode',
  ],
  ...[
    'civic',
    'sip',
    'ScopeRequests',
    'scopeRequests',
    'injectButton',
    'verificationLevel',
    'attributes',
    'isMobile',
    'error',
    'options',
    'action',
    'authResponse',
    'response',
    'responseData',
    'qrCodeResponseData',
  ],
  ...['confirm', 'direct', 'link', 'testWallet'],
]

/** What the library that draws QR codes calls its own options and blocks. */
const qrCodes = ['alt', 'cellSize', 'dataCount', 'margin', 'scalable', 'totalCount']

/** What the library that hashes calls its own functions; Internet Explorer 11 has the rest (MDN). */
const hashes = ['array', 'constructor', 'hmac', 'isView', 'setUint32', 'sha224', 'sha256']

/** Newer than that, and used only where the browser has it. */
const withFallback = ['ancestorOrigins', 'crypto', 'currentScript', 'setPrototypeOf', '__proto__']

/** Of loaders of modules, and looked for before they are used. */
const loaders = ['module', 'define', 'exports', 'amd']

interface Node {
  type: string
  [field: string]: unknown
}

describe('the scripts on sites’ pages support Internet Explorer 11', () => {
  for (const script of scripts) {
    describe(script, () => {
      let nodes: Node[]

      before(async () => {
        const source = await readFile(new URL(script, built), 'utf8')
        nodes = [...walk(parse(source, { ecmaVersion: 5 }) as unknown as Node)]
      })

      it('use no global that it lacks', () => {
        const unknown = [...freeNames(nodes)].filter(
          (name) => !ie11Globals.includes(name) && !loaders.includes(name),
        )
        assert.deepEqual(unknown, [])
      })

      it('use no method or property that it lacks', () => {
        const own = ownNames(nodes)
        const known = new Set([
          ...ie11Members,
          ...protocol,
          ...withFallback,
          ...loaders,
          ...qrCodes,
          ...hashes,
        ])
        const members = nodes.filter((node) => node.type === 'MemberExpression' && node.computed === false)
        const unknown = members.map(propertyName).filter((name) => !known.has(name) && !own.has(name))
        assert.deepEqual([...new Set(unknown)], [])
      })

      it('call forEach on no NodeList, and classList with one name at a time', () => {
        const calls = nodes.filter((node) => node.type === 'CallExpression')
        const risky = calls.filter((call) => {
          const callee = call.callee as Node
          if (callee.type !== 'MemberExpression') return false
          const object = callee.object as Node
          if (propertyName(callee) === 'forEach') return object.type === 'CallExpression' && isQuery(object)
          const onClassList = object.type === 'MemberExpression' && propertyName(object) === 'classList'
          return onClassList && (call.arguments as Node[]).length > 1
        })
        assert.deepEqual(risky, [])
      })
    })
  }

  describe('in a browser without newer features', () => {
    const stage = useStage()

    it('logs a person in', async () => {
      const popup = await stage.visit('one-instance.html', {}, takeAwayWhatIsNewer)
      await popup.page.click('#signupButton')
      await stage.approve(await popup.uuid())
      await popup.gone()
      assert.deepEqual(stage.site.logins, [{ token: popup.token, as: 'token' }])
    })
  })
})

/** Makes of a page's window something like Internet Explorer 11's. */
function takeAwayWhatIsNewer(): void {
  const world = window as unknown as Record<string, unknown>
  Object.defineProperty(window, 'msCrypto', { value: window.crypto })
  Object.defineProperty(window, 'crypto', { value: undefined })
  for (const name of [
    'fetch',
    'URL',
    'URLSearchParams',
    'FormData',
    'CustomEvent',
    'Event',
    'AbortController',
  ]) {
    world[name] = undefined
  }
  const methods: [object, string[]][] = [
    [
      Array.prototype,
      ['includes', 'find', 'findIndex', 'fill', 'flat', 'flatMap', 'at', 'entries', 'values'],
    ],
    [String.prototype, ['includes', 'startsWith', 'endsWith', 'padStart', 'repeat', 'replaceAll', 'at']],
    [
      Element.prototype,
      ['closest', 'matches', 'remove', 'append', 'prepend', 'replaceWith', 'toggleAttribute'],
    ],
    [NodeList.prototype, ['forEach', 'entries', 'values', 'keys']],
    [Document.prototype, ['currentScript']],
    [Object, ['assign', 'entries', 'values', 'fromEntries', 'hasOwn']],
    [Array, ['from', 'of']],
    [Number, ['isFinite', 'isInteger', 'parseFloat']],
    [Uint8Array.prototype, ['slice']],
  ]
  for (const [owner, names] of methods) for (const name of names) Reflect.deleteProperty(owner, name)
  for (const name of ['Promise', 'Symbol', 'Map', 'Set', 'WeakMap', 'Proxy', 'Reflect'])
    world[name] = undefined
}

function* walk(node: Node): Generator<Node> {
  yield node
  for (const child of Object.values(node).flat()) {
    if (typeof child === 'object' && child !== null && 'type' in child) yield* walk(child as Node)
  }
}

/** Names that are used but nowhere declared. */
function freeNames(nodes: Node[]): Set<string> {
  const declared = new Set<unknown>()
  const properties = new Set<unknown>()
  for (const node of nodes) {
    if (node.type === 'VariableDeclarator' || node.type.startsWith('Function')) {
      const { id, params } = node as unknown as { id: Node | null; params?: Node[] }
      for (const name of [id, ...(params ?? [])]) declared.add(name?.name)
    }
    if (node.type === 'CatchClause') declared.add((node.param as Node).name)
    if (node.type === 'MemberExpression' && node.computed === false) properties.add(node.property)
    if (node.type === 'Property') properties.add(node.key)
  }
  const used = nodes.filter((node) => node.type === 'Identifier' && !properties.has(node))
  return new Set(used.map((node) => String(node.name)).filter((name) => !declared.has(name)))
}

/** Names that the script itself gives to properties: its own methods, fields and messages. */
function ownNames(nodes: Node[]): Set<string> {
  const own = new Set<string>()
  for (const node of nodes) {
    if (node.type === 'Property') {
      const [key, value] = [node.key as Node, node.value as Node]
      own.add(String(key.name ?? key.value))
      // A getter, lowered: { key: 'name', get: function () { … } }
      if (key.name === 'key' && value.type === 'Literal') own.add(String(value.value))
    }
    if (node.type !== 'AssignmentExpression') continue
    const left = node.left as Node
    const made = left.type === 'MemberExpression' && (node.right as Node).type === 'FunctionExpression'
    const kept = left.type === 'MemberExpression' && (left.object as Node).type === 'ThisExpression'
    if (made || kept) own.add(propertyName(left))
  }
  return own
}

function propertyName(member: Node): string {
  return String((member.property as Node).name)
}

function isQuery(call: Node): boolean {
  const callee = call.callee as Node
  return callee.type === 'MemberExpression' && /^(querySelectorAll|getElements)/.test(propertyName(callee))
}
