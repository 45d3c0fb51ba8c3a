/** How to get from one key to another while every session lives on, in the words of the operator's own variable. */

/** `count` is how many keys the variable holds here, `null` where it is not set. */
export function rotationSteps(variable: string, key: string, count: number | null): string {
  return `${found(variable, count)}
The new key:

  ${key}

1. Add it BEHIND the keys in use, on every server, and deploy:

     ${variable}="<keys in use> <new key>"

   Now every process can read what the new key sealed. None seals with it yet.

2. When no process of before runs any more, put it in FRONT and deploy again:

     ${variable}="<new key> <keys in use>"

   From here on the new key seals. A session moves to it with its next write,
   or its next rotation (every 15 minutes while a signed-in one is used).

3. Wait until no row under an old key can be left: the longest absolute timeout
   you configured. That is 90 days with "remember me", 30 days for visitors,
   12 hours for sign-ins without it, unless you set other times.

4. Take the old keys away and deploy:

     ${variable}="<new key>"

If an old key has leaked, do step 4 right after step 2: sessions that have not
moved by then are fresh ones, and their users sign in again. In an emergency
deploy the new key alone at once: then everybody signs in again.

A key taken away too soon does no lasting harm: put it back at the end, and the
sessions under it can be read again. The event "undecodable" with the reason
"key" tells you that one is missing.
`;
}

function found(variable: string, count: number | null): string {
  if (count === null) return `${variable} is not set here, so the keys in use were not checked.\n`;
  return `${variable} holds ${count === 1 ? "1 key" : `${count} keys`} here.\n`;
}
