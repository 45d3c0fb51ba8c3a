/**
 * Whether a text is a path on this very host. `//host` and `/\host` lead elsewhere in browsers, and so does what they
 * strip first (tabs, line breaks: WHATWG URL, basic parser), so only visible ASCII passes.
 */
export function isLocalPath(text: string): boolean {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(text);
}
