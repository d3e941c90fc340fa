export { newKeyPair } from 'civic-sip-server'
