/** What `--help` prints, by command. At most 80 columns. */
export const HELP = {
  sojourn: `Sojourn, session management for TypeScript web applications.

Usage: npx sojourn <command>

  keys          print a new key for encrypted(codec, keys)
  keys rotate   print a new key, and how to change to it: nobody is signed out

  --help        this text, or that of a command: npx sojourn keys --help
  --version     the version of the package
`,
  keys: `Usage: npx sojourn keys
       npx sojourn keys rotate [--env NAME]

keys
  Prints a new key of 256 random bits and nothing else, so that it can be
  handed on: SESSION_KEYS=$(npx sojourn keys). Each call makes another one.
  Nothing is stored or sent anywhere.

keys rotate
  Prints a new key and the steps from the keys in use to it. Sessions stay
  what they are, signed in or not.

  --env NAME    the variable that holds your keys; SESSION_KEYS if left out.
                If it is set here, what it holds is checked, never printed.

  --help        this text

Exit codes: 0 done, 1 the variable holds something that is no key, 2 called the
wrong way.
`,
} as const;
